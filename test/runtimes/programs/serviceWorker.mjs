// A service worker; its page is service.mjs. There is no import map here, and import() is forbidden.
import * as striate from "./node_modules/striate/dist/index.js";
import { report } from "./report.js";
import { smoke } from "./smoke.js";

self.addEventListener("message", (event) => {
  globalThis.sendReport = (result) => event.source.postMessage(result);
  event.waitUntil(report(smoke(striate)));
});
