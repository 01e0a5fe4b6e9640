/** Resize and Upsample of ONNX: which of our ways to look at an image gives the same pixels. */
import type { ResizingOptions } from "../../layers/index.ts";
import type { Shape } from "../../tensor/shape.ts";
import { checkSize } from "../network/borders.ts";
import type { Call } from "./call.ts";

type Coordinates = NonNullable<ResizingOptions["coordinates"]>;

/** Where the pixel i of `to` lies among `from`. */
type Place = (i: number, from: number, to: number, scale: number) => number;

const OURS: Readonly<Record<Coordinates, Place>> = {
  halfPixel: (i, from, to) => ((i + 0.5) * from) / to - 0.5,
  asymmetric: (i, from, to) => (i * from) / to,
  alignCorners: (i, from, to) => (to > 1 ? (i * (from - 1)) / (to - 1) : 0),
};

const THEIRS: Readonly<Record<string, Place>> = {
  half_pixel: (i, _from, _to, scale) => (i + 0.5) / scale - 0.5,
  pytorch_half_pixel: (i, _from, to, scale) => (to > 1 ? (i + 0.5) / scale - 0.5 : 0),
  align_corners: (i, from, to) => (to > 1 ? (i * (from - 1)) / (to - 1) : 0),
  asymmetric: (i, _from, _to, scale) => i / scale,
  tf_half_pixel_for_nn: (i, _from, _to, scale) => (i + 0.5) / scale,
};

const ROUNDINGS: Readonly<Record<string, (x: number) => number>> = {
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x) => Math.floor(x + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

/** Height and width of the result, and how to come to it. */
export function resizeOptions(
  at: Call,
  shape: Shape,
): Pick<ResizingOptions, "interpolation" | "coordinates"> & { readonly size: readonly number[] } {
  const isUpsample = at.node.op === "Upsample";
  const mode = at.text("mode", "nearest");
  if (mode !== "nearest" && mode !== "linear") throw at.unsupported(`has the mode ${JSON.stringify(mode)}`);
  if (at.int("antialias", 0) === 1) throw at.unsupported("has a filter against aliasing");
  if (at.text("keep_aspect_ratio_policy", "stretch") !== "stretch") throw at.unsupported("keeps the ratio of sides");
  const { scales, sizes } = scalesOf(at, shape);
  if (sizes.length !== 4 || sizes.some((size, axis) => axis < 2 && size !== shape[axis])) {
    throw at.unsupported(
      `makes ${JSON.stringify(sizes)} of ${JSON.stringify(shape)}; only height and width can change`,
    );
  }
  checkSize(at.b, at.name, sizes);
  const theirs =
    THEIRS[isUpsample || at.opset < 11 ? "asymmetric" : at.text("coordinate_transformation_mode", "half_pixel")];
  const rounding = isUpsample || at.opset < 11 ? "floor" : at.text("nearest_mode", "round_prefer_floor");
  const round = ROUNDINGS[rounding];
  if (theirs === undefined || round === undefined) throw at.unsupported("has unknown coordinates or rounding");
  const isNearest = mode === "nearest";
  const found = (Object.keys(OURS) as Coordinates[]).find((name) =>
    [2, 3].every((axis) => {
      const [from, to] = [shape[axis], sizes[axis]];
      return Array.from({ length: to }, (_, i) => i).every((i) => {
        const wanted = theirs(i, from, to, scales[axis]);
        const ours = OURS[name](i, from, to, scales[axis]);
        if (isNearest) return within(round(wanted), from) === within(nearest(name, ours), from);
        return Math.abs(within(wanted, from) - within(ours, from)) < 1e-4;
      });
    }),
  );
  if (found === undefined) throw at.unsupported("looks at other pixels than any of striate's ways to resize");
  return { size: sizes.slice(2), interpolation: isNearest ? "nearest" : "bilinear", coordinates: found };
}

/** Ours rounds down what is asymmetric, and halves up what is not. */
function nearest(name: Coordinates, place: number): number {
  return Math.floor(name === "asymmetric" ? place : place + 0.5);
}

function within(place: number, size: number): number {
  return Math.min(Math.max(place, 0), size - 1);
}

/** By attribute, or by inputs that may be left out: X, scales (opset 9, 10); X, roi, scales, sizes (from 11 on), of `axes` (from 18 on). */
function scalesOf(at: Call, shape: Shape): { scales: number[]; sizes: number[] } {
  const scalesAt = at.inputs.length === 2 ? 1 : 2;
  const axes = at.ints("axes")?.map((axis) => at.axis(axis));
  const ofAll = (given: readonly number[], others: readonly number[]) =>
    axes === undefined ? given : others.map((other, axis) => given[axes.indexOf(axis)] ?? other);
  const listed = at.floats("scales") ?? (at.has(scalesAt) ? Array.from(at.constant(scalesAt).data) : []);
  if (listed.length > 0) {
    const ones = shape.map(() => 1);
    const scales = [...ofAll(listed, ones)];
    return { scales, sizes: shape.map((size, axis) => Math.floor(size * scales[axis] + 1e-6)) };
  }
  const asked = ofAll(Array.from(at.constant(3).data), shape);
  const sizes = asked.map((size, axis) => (axis === 0 ? shape[0] : size));
  return { scales: sizes.map((size, axis) => size / shape[axis]), sizes };
}
