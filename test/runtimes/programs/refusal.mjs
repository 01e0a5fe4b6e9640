import * as striate from "striate";
import { report } from "./report.js";
import { refusal } from "./smoke.js";

report(refusal(striate));
