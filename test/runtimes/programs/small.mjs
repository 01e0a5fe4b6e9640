// A program of usual ops: a bundler leaves the second module of kernels out, or rather what asks for it.
import { init, sequential, zeros } from "striate";
import { conv2d, dense } from "striate/layers";
import { maxPool2d } from "striate/ops";
import { report } from "./report.js";

async function failures() {
  const { kernels } = await init();
  const model = sequential({ inputShape: [8, 8, 1] }, [conv2d({ filters: 4, kernelSize: 3 }), dense({ units: 2 })]);
  const shapes = [model.predict(zeros([1, 8, 8, 1])).shape, maxPool2d(zeros([1, 4, 4, 1]), { poolSize: 2 }).shape];
  const failures = shapes.join(" ") === "1,6,6,2 1,2,2,1" ? [] : [`shapes ${shapes.join(" ")}`];
  return kernels.extra === undefined ? failures : [...failures, "it loads the second module"];
}

report(failures().then((list) => ({ failures: list })));
