// The page of a service worker: registers it, asks it for a report, and unregisters it.
import { report } from "./report.js";

const { script, type, ask = "smoke" } = Object.fromEntries(new URLSearchParams(location.search));
report(
  (async () => {
    const registration = await navigator.serviceWorker.register(script, { type });
    const answer = new Promise((resolve) => {
      navigator.serviceWorker.onmessage = ({ data }) => resolve(data);
    });
    const worker = registration.active ?? registration.waiting ?? registration.installing;
    await activated(worker);
    worker.postMessage(ask);
    const result = await answer;
    await registration.unregister();
    return result;
  })(),
);

function activated(worker) {
  return new Promise((resolve, reject) => {
    const look = () => {
      if (worker.state === "activated") resolve();
      if (worker.state === "redundant") reject(new Error("the service worker does not start"));
    };
    worker.onstatechange = look;
    look();
  });
}
