import * as striate from "striate";
import { report } from "./report.js";
import { smoke } from "./smoke.js";

report(smoke(striate));
