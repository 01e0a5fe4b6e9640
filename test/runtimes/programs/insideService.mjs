// What a service worker does: it answers its page's question, "smoke" or "refusal", with a report.
import { report } from "./report.js";
import { refusal, smoke } from "./smoke.js";

export function serve(striate) {
  const works = { smoke, refusal };
  self.addEventListener("message", (event) => {
    globalThis.sendReport = (result) => event.source.postMessage(result);
    event.waitUntil(report(works[event.data](striate)));
  });
}
