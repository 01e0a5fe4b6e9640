/** How a layer that is one op without parameters plans itself. */
import type { Planner, Slot } from "../ops/planned.ts";
import type { Shape } from "../tensor/shape.ts";

export interface SimpleOp {
  /** The name of the op; its gradient's has "Backward" behind it. */
  readonly kind: string;
  readonly inputs: readonly Slot[];
  readonly output: Shape;
  readonly scratchBytes?: number;
  readonly forward: (y: number, scratch: number) => void;
  /** What backward reads besides dy. */
  readonly keeps?: readonly Slot[];
  readonly backwardScratchBytes?: number;
  /** Writes the gradient of the input of this index. */
  readonly backward: (dy: number, dx: number, index: number, scratch: number) => void;
}

/** Adds a step forward, and one on the way back for each input whose gradient is wanted. */
export function planSimple(planner: Planner, op: SimpleOp): Slot {
  const { kind, inputs, keeps = [] } = op;
  const y = planner.slot(op.output);
  planner.step({
    kind,
    reads: inputs,
    writes: [y],
    scratchBytes: op.scratchBytes,
    run: (scratch) => op.forward(y.pointer, scratch),
  });
  const backward = (dy: Slot) => {
    for (const [index, x] of inputs.entries()) {
      planner.gradient(x, (dx) => {
        planner.step({
          kind: `${kind}Backward`,
          reads: [dy, ...keeps],
          writes: [dx],
          scratchBytes: op.backwardScratchBytes,
          run: (scratch) => op.backward(dy.pointer, dx.pointer, index, scratch),
        });
      });
    }
  };
  planner.node({ inputs, output: y, keeps, backward });
  return y;
}
