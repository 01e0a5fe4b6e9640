// tfjs's plain JavaScript backend.
import { createRequire } from "node:module";
import { tfjsTrain } from "../lib/tfjs-train.mjs";

const require = createRequire(import.meta.url);
const tf = require("@tensorflow/tfjs"); // the union package: tfjs-core alone does not register the gradients
require("@tensorflow/tfjs-backend-cpu");

export default tfjsTrain(tf, { name: "tfjs-cpu", backend: "cpu", init: () => tf.setBackend("cpu") });
