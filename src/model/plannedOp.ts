/** One op in a plan: its step, and that of the way back. */
import type { PlannedOp, Planner, Slot } from "../ops/planned.ts";

export function planOp(planner: Planner, op: PlannedOp): Slot {
  const { kind, inputs, parameters = [], saves = [], backwardReads = "all" } = op;
  const [first] = inputs;
  const isWanted = inputs.some((x) => x.needsGradient) || parameters.some((p) => planner.learns(p));
  const readsInputs = backwardReads === "all" || backwardReads === "inputs";
  const readsOutput = backwardReads === "all" || backwardReads === "output";
  const y = op.inPlace && !(isWanted && readsInputs) ? planner.reuse(first) : planner.slot(op.output ?? first.shape);
  planner.step({
    kind,
    reads: inputs,
    writes: [y, ...saves],
    scratchBytes: op.scratchBytes,
    run: (scratch) => op.forward({ y, scratch }),
  });
  const keeps = [...(readsInputs ? inputs : []), ...(readsOutput ? [y] : []), ...saves];
  const backward = (dy: Slot) => {
    const dxs = inputs.map((x) => {
      if (!x.needsGradient) return nowhere(x);
      return op.inPlace && inputs.length === 1 ? planner.reuse(dy) : planner.slot(x.shape);
    });
    planner.step({
      kind: `${kind}Backward`,
      reads: [dy, ...keeps],
      writes: dxs.filter((_, i) => inputs[i].needsGradient),
      scratchBytes: op.backwardScratchBytes,
      run: (scratch) => op.backward({ y, dy, dxs, scratch }),
    });
    for (const [i, x] of inputs.entries()) planner.handGradient(x, dxs[i]);
  };
  planner.node({ inputs, output: y, parameters, keeps, backward });
  return y;
}

/** Stands for the gradient of x, which nobody wants. */
function nowhere({ shape }: Slot): Slot {
  return { shape, pointer: 0, data: new Float32Array(0), needsGradient: false };
}
