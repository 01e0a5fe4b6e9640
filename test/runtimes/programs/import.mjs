// As a program is written that names what it uses: a bundler leaves the rest out.
import { full, init, layers, loadModel, optimizers, scope, sequential, tensor, zeros } from "striate";
import { conv2d, conv2dBackward, transpose } from "striate/ops";
import { report } from "./report.js";
import { smoke } from "./smoke.js";

const ops = { conv2d, conv2dBackward, transpose };
report(smoke({ full, init, layers, loadModel, ops, optimizers, scope, sequential, tensor, zeros }));
