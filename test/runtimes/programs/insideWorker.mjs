// A module worker. Workers have no import map, so this names the package's file.
import * as striate from "./node_modules/striate/dist/index.js";
import { report } from "./report.js";
import { smoke } from "./smoke.js";

globalThis.sendReport = (result) => postMessage(result);
report(smoke(striate));
