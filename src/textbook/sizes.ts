/** How large an output is, and how much of the image one of its cells has seen. */
import { ArgumentError, ShapeError, show } from "../errors.ts";
import type { Model } from "../model/model.ts";
import { type ReceptiveField, receptiveFields } from "../model/receptiveField.ts";
import { outputSize as countWindows, samePadding } from "../ops/window.ts";

/** Cells added before and after: a number for both, the two of them, or a name. */
export type PaddingOfAxis = number | readonly [before: number, after: number] | "valid" | "same";

/**
 * How many places a kernel finds along one axis: rows or columns of the output.
 *
 *     floor((n + before + after - dilation (kernel - 1) - 1) / stride) + 1
 *
 * which is floor((n + 2 pad - kernel) / stride) + 1 without dilation and with the same padding on both sides. Where the
 * division leaves a remainder, that many cells at the end are never looked at.
 *
 * @param n cells of the input along the axis
 * @param kernel cells of the kernel along the axis
 * @param stride cells from one place to the next. Default 1.
 * @param padding a number for each side, [before, after], "valid" (none) or "same" (output = ceil(n / stride)). Default 0.
 * @param dilation distance between the cells that the kernel looks at. Default 1.
 * @throws ShapeError that explains why no place is left; ArgumentError for an argument that is no whole number.
 * @example
 * textbook.outputSize(28, 5); // 24
 * textbook.outputSize(4, 2, 2, 2); // 4
 */
export function outputSize(n: number, kernel: number, stride = 1, padding: PaddingOfAxis = 0, dilation = 1): number {
  whole("n", n, 1);
  whole("kernel", kernel, 1);
  whole("stride", stride, 1);
  whole("dilation", dilation, 1);
  const [before, after] = bothSides(padding, n, kernel, stride, dilation);
  const size = countWindows(n, kernel, stride, [before, after], dilation);
  if (size >= 1) return size;
  const reach = dilation * (kernel - 1) + 1;
  const how = dilation > 1 ? ` with dilation ${dilation} reaches over ${reach} cells` : ` covers ${reach} cells`;
  const have = n + before + after;
  throw new ShapeError(
    `outputSize: a kernel of ${kernel}${how}, but there are ${have} (${before} + ${n} + ${after}); ` +
      `pad by ${reach - have} more, or use a smaller kernel${dilation > 1 ? " or dilation" : ""}`,
  );
}

/**
 * How much of the image one cell of each feature map has seen, layer by layer, up to where a layer sees everything.
 *
 * Written for one axis, from size 1, stride 1 and start 0 at the input:
 *
 *     start  -= padding * stride                    where the patch of the first cell begins
 *     size   += (kernel - 1) * dilation * stride    how many cells of the image it covers
 *     stride *= stride of the layer                 how far the patch of the next cell lies ("jump")
 *
 * So cell i of a map sees the image from start + i * stride, size cells far. A start below 0 lies in the padding.
 *
 * @param model a sequential model
 * @returns for each layer its name, and size, stride and start as [vertical, horizontal]
 * @example
 * const model = sequential({ inputShape: [28, 28, 1] }, [layers.conv2d({ filters: 8, kernelSize: 5, padding: "same" })]);
 * textbook.receptiveField(model)[0].size; // [5,5]
 */
export function receptiveField(model: Model): ReceptiveField[] {
  if (!Array.isArray(model?.layers)) {
    throw new ArgumentError(`receptiveField: model must be a sequential model, got ${show(model)}`);
  }
  return receptiveFields(model.graph).filter((field) => field !== undefined);
}

function bothSides(
  padding: PaddingOfAxis,
  n: number,
  kernel: number,
  stride: number,
  dilation: number,
): readonly [number, number] {
  if (padding === "valid") return [0, 0];
  if (padding === "same") return samePadding(n, kernel, stride, dilation);
  const both: readonly unknown[] = Array.isArray(padding) ? padding : [padding, padding];
  const good = both.length === 2 && both.every((p) => Number.isInteger(p) && (p as number) >= 0);
  if (good) return both as readonly [number, number];
  throw new ArgumentError(
    `outputSize: padding must be "valid", "same", a whole number >= 0 or [before, after], got ${show(padding)}`,
  );
}

function whole(argument: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new ArgumentError(`outputSize: ${argument} must be a whole number >= ${least}, got ${show(value)}`);
}
