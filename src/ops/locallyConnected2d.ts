/** Convolution whose filters are not shared: every output position has its own. */
import { checkOptions, ShapeError, show } from "../errors.ts";
import { extra } from "../runtime/extra.ts";
import type { Kernels } from "../runtime/kernels.ts";
import { expectShape, likeImage, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Conv2dGradients } from "./conv2d.ts";
import { eager, shapeOf } from "./eager.ts";
import { inferWindow, type Window, type WindowOptions } from "./window.ts";

/** What `locallyConnected2d` takes. */
export type LocallyConnected2dOptions = Pick<WindowOptions, "stride" | "padding" | "dilation">;

const OPTIONS = { stride: true, padding: true, dilation: true } as const;

export interface LocallyConnected2dPlan {
  readonly window: Window;
  readonly output: Shape;
}

/**
 * The shape rule: x [N,H,W,C], w [OH,OW,KH,KW,C,O], b [OH,OW,O] or null -> [N,OH,OW,O].
 *
 * @throws ShapeError where shapes do not fit; ArgumentError for an option outside its domain.
 */
export function inferLocallyConnected2d(
  op: string,
  x: Shape,
  w: Shape,
  b: Shape | null,
  options: LocallyConnected2dOptions = {},
): LocallyConnected2dPlan {
  checkOptions(op, options, OPTIONS);
  expectShape(op, "w", w, ["OH", "OW", "KH", "KW", "C", "O"]);
  const window = inferWindow(op, x, [w[2], w[3]], options, w[5]);
  const { n, oh, ow, o, c } = window;
  if (w[0] !== oh || w[1] !== ow || w[4] !== c) {
    throw new ShapeError(`${op}: w must be ${show([oh, ow, w[2], w[3], c, o])} for x ${show(x)}, got ${show(w)}`);
  }
  if (b !== null) expectShape(op, "b", b, [oh, ow, o]);
  return { window, output: likeImage(x, n, oh, ow, o) };
}

/** x, w, b (or 0) -> y. */
export function forwardLocallyConnected2d(
  kernels: Kernels,
  at: { x: number; w: number; b: number; y: number; window: number },
): void {
  extra(kernels).locallyConnected2d(at.x, at.w, at.b, at.y, at.window);
}

/** x, dy, w -> dx (written), dw, db (accumulated); each is left out where it is 0. */
export function backwardLocallyConnected2d(
  kernels: Kernels,
  at: { x: number; dy: number; w: number; dx: number; dw: number; db: number; window: number },
  { window: { n, oh, ow, o } }: LocallyConnected2dPlan,
): void {
  extra(kernels).locallyConnected2dBackward(at.x, at.dy, at.w, at.dx, at.dw, at.window);
  if (at.db !== 0) kernels.conv2dBackwardBias(at.dy, at.db, n, oh * ow * o);
}

/**
 * Locally connected layer (Taigman et al. 2014): y[n,oy,ox,o] = b[oy,ox,o] + sum x[n, oy*s - p + ky*d, ox*s - p + kx*d, c] *
 * w[oy,ox,ky,kx,c,o]. For images in which a place has a meaning of its own, such as faces. NaN reaches the outputs whose windows
 * see it.
 *
 * @param x [N,H,W,C] or [H,W,C]
 * @param w [OH,OW,KH,KW,C,O]; Keras' [OH*OW,KH*KW*C,O] in the same memory
 * @param b [OH,OW,O] or null
 * @returns [N,OH,OW,O], OH as for `conv2d`
 * @throws ShapeError where the shapes do not fit each other; ArgumentError for an option outside its domain.
 * @example
 * const [x, w] = [zeros([1, 8, 8, 3]), zeros([6, 6, 3, 3, 3, 16])];
 * const y = ops.locallyConnected2d(x, w); // [1,6,6,16]
 */
export function locallyConnected2d(
  x: Tensor,
  w: Tensor,
  b: Tensor | null = null,
  options: LocallyConnected2dOptions = {},
): Tensor {
  const op = "locallyConnected2d";
  const shapes = [shapeOf(op, "x", x), shapeOf(op, "w", w), b === null ? null : shapeOf(op, "b", b)] as const;
  const plan = inferLocallyConnected2d(op, ...shapes, options);
  return eager(op, { x, w, b }, (run) => {
    const y = run.output(plan.output);
    const at = { x: x.pointer, w: w.pointer, b: b?.pointer ?? 0, y: y.pointer, window: run.window(plan.window) };
    forwardLocallyConnected2d(run.kernels, at);
    return y;
  });
}

/**
 * The gradients of `locallyConnected2d`: dx the sum of w times dy over the windows that saw a pixel, dw that of x times dy over
 * samples, db that of dy.
 *
 * @param dy the gradient of the output
 * @returns dx, dw, db of the shapes of x, w, [OH,OW,O]
 * @example
 * const [x, w] = [zeros([1, 8, 8, 3]), zeros([6, 6, 3, 3, 3, 16])];
 * const { dx, dw, db } = ops.locallyConnected2dBackward(zeros([1, 6, 6, 16]), x, w);
 * dw.shape; // [6,6,3,3,3,16]
 */
export function locallyConnected2dBackward(
  dy: Tensor,
  x: Tensor,
  w: Tensor,
  options: LocallyConnected2dOptions = {},
): Conv2dGradients {
  const op = "locallyConnected2dBackward";
  const plan = inferLocallyConnected2d(op, shapeOf(op, "x", x), shapeOf(op, "w", w), null, options);
  expectShape(op, "dy", shapeOf(op, "dy", dy), plan.output);
  return eager(op, { dy, x, w }, (run) => {
    const [dx, dw, db] = [run.output(x.shape), run.zeros(w.shape), run.zeros(plan.output.slice(-3))];
    const made = { dx: dx.pointer, dw: dw.pointer, db: db.pointer };
    const at = { x: x.pointer, dy: dy.pointer, w: w.pointer, window: run.window(plan.window), ...made };
    backwardLocallyConnected2d(run.kernels, at, plan);
    return { dx, dw, db };
  });
}
