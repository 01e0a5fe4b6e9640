// Whoever starts the module worker of insideWorker.mjs.
import { report } from "./report.js";

const worker = new Worker(new URL("./insideWorker.mjs", import.meta.url), { type: "module" });
report(
  new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => reject(new Error(`worker: ${event.message}`));
  }).finally(() => worker.terminate()),
);
