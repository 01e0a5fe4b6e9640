/** ONNX operators on each element: activations and arithmetic. */
import * as layers from "../../layers/index.ts";
import type { MergeName } from "../network/builder.ts";
import { type Curve, type CurveFunction, called, clamped, rescaled } from "../network/curve.ts";
import { type Operand, shapeOf, type Value, value } from "../network/value.ts";
import type { Call, Operation } from "./call.ts";

/** What happens to a curve. */
const grow =
  (f: (curve: Curve, at: Call) => Curve): Operation =>
  (at) => {
    const x = at.value();
    return { ...x, curve: f(x.curve, at), flatOf: undefined };
  };

const call = (f: CurveFunction): Operation => grow((curve) => called(curve, f));

/** clamp(alpha x + beta, 0, 1). */
function hardSigmoid(curve: Curve, at: Call): Curve {
  return clamped(rescaled(curve, at.float("alpha", 0.2), at.float("beta", 0.5)), 0, 1);
}

/** Limits are attributes, or from opset 11 on inputs. */
function clip(curve: Curve, at: Call): Curve {
  const limit = (i: number, name: string, otherwise: number) =>
    at.has(i) ? at.constant(i).data[0] : at.float(name, otherwise);
  return clamped(curve, limit(1, "min", Number.NEGATIVE_INFINITY), limit(2, "max", Number.POSITIVE_INFINITY));
}

/** One slope, or one for each channel; a list that does not fit the last axis, which it would belong to, is one of channels. */
function prelu(at: Call): Operand {
  const { shape: slopes, data: slope } = at.constant(1);
  const given = shapeOf(at.value()).length > 2 ? at.image() : at.value();
  const x = at.b.computed(given);
  const channels = x.shape[x.shape.length - 1];
  const own = shapeOf(given);
  const sizes = [...Array<number>(Math.max(own.length - slopes.length, 0)).fill(1), ...slopes];
  const isPerChannel = sizes.every((size, axis) => size === 1 || (axis === 1 && size === channels));
  const isList = slopes.length === 1 && slopes[0] === channels && own[own.length - 1] !== channels;
  if (slope.length !== 1 && !isPerChannel && !isList) throw at.unsupported("has slopes that differ within a channel");
  const sharedAxes = Array.from({ length: x.shape.length - 1 }, (_, i) => i + 1);
  const alpha = Float32Array.from({ length: channels }, (_, c) => slope[slope.length === 1 ? 0 : c]);
  return value(
    at.b.apply(at.name, (own) => layers.prelu({ ...own, sharedAxes }), x, { alpha }),
    given.channelsFirst,
  );
}

/** Of two or more operands, one after the other. */
const merge =
  (kind: MergeName): Operation =>
  (at) => {
    const operands = at.inputs.map((_, i) => at.operand(i));
    return operands.reduce((merged, operand) => at.b.merge(at.name, kind, merged, operand));
  };

/** gamma elu(x), with an alpha of its own. */
function selu(curve: Curve, at: Call): Curve {
  const [alpha, gamma] = [at.float("alpha", Number.NaN), at.float("gamma", Number.NaN)];
  if (Number.isNaN(alpha) && Number.isNaN(gamma)) return called(curve, { activation: "selu" });
  const elu = called(curve, { activation: "elu", alpha: Number.isNaN(alpha) ? SELU.alpha : alpha });
  return rescaled(elu, Number.isNaN(gamma) ? SELU.gamma : gamma, 0);
}

/** What the attributes are where they are left out. */
const SELU = { alpha: 1.6732631921768188, gamma: 1.0507010221481323 };

function mean(at: Call): Operand {
  const sum = merge("add")(at) as Value;
  return { ...sum, curve: rescaled(sum.curve, 1 / at.inputs.length, 0) };
}

const THIRD_AND_HALF = (curve: Curve) => clamped(rescaled(curve, 1 / 6, 0.5), 0, 1);

function hardSwish(at: Call): Operand {
  const x = at.value();
  return at.b.merge(at.name, "mul", x, { ...x, curve: THIRD_AND_HALF(x.curve) });
}

export const ELEMENT_OPERATIONS: Readonly<Record<string, Operation>> = {
  Add: merge("add"),
  Celu: grow((curve, at) => called(curve, { activation: "celu", alpha: at.float("alpha", 1) })),
  Clip: grow(clip),
  Div: merge("div"),
  Elu: grow((curve, at) => called(curve, { activation: "elu", alpha: at.float("alpha", 1) })),
  Erf: call("erf"),
  Gelu: grow((curve, at) =>
    called(curve, { activation: at.text("approximate", "none") === "tanh" ? "geluTanh" : "gelu" }),
  ),
  HardSigmoid: grow(hardSigmoid),
  HardSwish: hardSwish,
  LeakyRelu: grow((curve, at) => called(curve, { activation: "leakyRelu", negativeSlope: at.float("alpha", 0.01) })),
  Max: merge("maximum"),
  Mean: mean,
  Min: merge("minimum"),
  Mish: call({ activation: "mish" }),
  Mul: merge("mul"),
  Neg: grow((curve) => rescaled(curve, -1, 0)),
  PRelu: prelu,
  Relu: grow((curve) => clamped(curve, 0, Number.POSITIVE_INFINITY)),
  Selu: grow(selu),
  Sigmoid: call({ activation: "sigmoid" }),
  Softplus: call({ activation: "softplus" }),
  Softsign: call({ activation: "softsign" }),
  Sub: merge("sub"),
  Sum: merge("add"),
  Tanh: call({ activation: "tanh" }),
  ThresholdedRelu: grow((curve, at) => called(curve, { activation: "relu", threshold: at.float("alpha", 1) })),
};
