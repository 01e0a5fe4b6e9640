// A worker of the kind that Node has.
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { report } from "./report.js";

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url));
  report(
    new Promise((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
    }),
  );
} else {
  const [striate, { smoke }] = await Promise.all([import("striate"), import("./smoke.js")]);
  globalThis.sendReport = (result) => parentPort.postMessage(result);
  report(smoke(striate));
}
