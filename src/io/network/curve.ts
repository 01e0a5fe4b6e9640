/**
 * Functions of one value, element by element, as files write them: in parts. "x * clip(x + 3, 0, 6) / 6" is five nodes there and one
 * activation here. A curve grows with each node; when something else needs the value, it becomes as few layers as can be.
 */
import type { ActivationLayerOptions } from "../../layers/index.ts";

/** clamp(scale x + offset, low, high). */
interface Ramp {
  readonly kind: "ramp";
  readonly scale: number;
  readonly offset: number;
  readonly low: number;
  readonly high: number;
}

/** scale f(of x) + offset. */
interface Call {
  readonly kind: "call";
  readonly f: CurveFunction;
  readonly of: Curve;
  readonly scale: number;
  readonly offset: number;
}

/** scale x gate(x) + offset. */
interface Gated {
  readonly kind: "gated";
  readonly gate: Curve;
  readonly scale: number;
  readonly offset: number;
}

/** scale clamp(of x, low, high) + offset. */
interface Clamped {
  readonly kind: "clamped";
  readonly of: Curve;
  readonly low: number;
  readonly high: number;
  readonly scale: number;
  readonly offset: number;
}

export type Curve = Ramp | Call | Gated | Clamped;

/** erf alone is no layer, but part of gelu. */
export type CurveFunction = ActivationLayerOptions | "erf";

/** What has to be computed of x, in this order. */
export type CurveStep =
  | { readonly step: "rescale"; readonly scale: number; readonly offset: number }
  | { readonly step: "activation"; readonly options: ActivationLayerOptions }
  /** The larger ("maximum") or the smaller of what came out so far and a number. */
  | { readonly step: "limit"; readonly operation: "maximum" | "minimum"; readonly by: number }
  /** What came out so far, times the x that this curve began with. */
  | { readonly step: "multiply"; readonly by: "x" };

export const IDENTITY: Curve = {
  kind: "ramp",
  scale: 1,
  offset: 0,
  low: Number.NEGATIVE_INFINITY,
  high: Number.POSITIVE_INFINITY,
};

export function isIdentity(curve: Curve): boolean {
  return isLine(curve) && curve.scale === 1 && curve.offset === 0;
}

/** Whether nothing is cut off. */
function isLine(curve: Curve): curve is Ramp {
  return curve.kind === "ramp" && curve.low === Number.NEGATIVE_INFINITY && curve.high === Number.POSITIVE_INFINITY;
}

/** scale curve(x) + offset. */
export function rescaled(curve: Curve, scale: number, offset: number): Curve {
  const outer = { scale: curve.scale * scale, offset: curve.offset * scale + offset };
  if (curve.kind !== "ramp") return { ...curve, ...outer };
  if (scale === 0) return { ...IDENTITY, ...outer };
  const limits = [curve.low * scale + offset, curve.high * scale + offset];
  return { kind: "ramp", ...outer, low: Math.min(...limits), high: Math.max(...limits) };
}

/** Of f32. */
const LARGEST = (2 - 2 ** -23) * 2 ** 127;

/** clamp(curve(x), low, high). */
export function clamped(curve: Curve, lowest: number, highest: number): Curve {
  // Files write the largest numbers of f32 where there is no limit.
  const low = lowest <= -LARGEST ? Number.NEGATIVE_INFINITY : lowest;
  const high = highest >= LARGEST ? Number.POSITIVE_INFINITY : highest;
  if (curve.kind !== "ramp") return clampedCall(curve, low, high);
  const within = (limit: number) => Math.min(Math.max(limit, low), high);
  return { ...curve, low: within(curve.low), high: within(curve.high) };
}

/** By one activation, where there is one for these limits. */
function clampedCall(of: Curve, low: number, high: number): Curve {
  if (low === Number.NEGATIVE_INFINITY && high === Number.POSITIVE_INFINITY) return of;
  if ((low === 0 && high > 0) || (low === -1 && high === 1)) return called(of, limits(low, high));
  return { kind: "clamped", of, low, high, scale: 1, offset: 0 };
}

/** f(curve(x)). */
export function called(curve: Curve, f: CurveFunction): Curve {
  return { kind: "call", f, of: curve, scale: 1, offset: 0 };
}

/** a(x) b(x), where one of the two is a multiple of x. */
export function gated(a: Curve, b: Curve): Curve | undefined {
  if (isLine(a) && a.offset === 0) return { kind: "gated", gate: b, scale: a.scale, offset: 0 };
  if (isLine(b) && b.offset === 0) return { kind: "gated", gate: a, scale: b.scale, offset: 0 };
  return undefined;
}

/** The layers that compute the curve; undefined where there are none for one of its functions. */
export function stepsOf(curve: Curve): CurveStep[] | undefined {
  return stepsInOrder(curve)?.reduce(joined, []);
}

/** Two rescalings one behind the other are one, or none. */
function joined(steps: CurveStep[], next: CurveStep): CurveStep[] {
  const last = steps[steps.length - 1];
  if (next.step !== "rescale" || last?.step !== "rescale") return [...steps, next];
  const [scale, offset] = [last.scale * next.scale, last.offset * next.scale + next.offset];
  const rest = steps.slice(0, -1);
  return near(scale, 1) && near(offset, 0) ? rest : [...rest, { step: "rescale", scale, offset }];
}

function stepsInOrder(curve: Curve): CurveStep[] | undefined {
  if (curve.kind === "ramp") return rampSteps(curve);
  const own = curve.kind === "gated" ? gatedSteps(curve) : stepsBehind(curve);
  return own && [...own, ...line(curve.scale, curve.offset)];
}

function line(scale: number, offset: number): CurveStep[] {
  return scale === 1 && offset === 0 ? [] : [{ step: "rescale", scale, offset }];
}

function activation(options: ActivationLayerOptions): CurveStep {
  return { step: "activation", options };
}

/** relu and its like between low and high. */
function limits(low: number, high: number): ActivationLayerOptions {
  if (low === 0 && high === Number.POSITIVE_INFINITY) return { activation: "relu" };
  if (low === 0 && high === 6) return { activation: "relu6" };
  if (low === -1 && high === 1) return { activation: "hardTanh" };
  return { activation: "relu", maxValue: high };
}

function rampSteps(ramp: Ramp): CurveStep[] {
  const { scale, offset, low, high } = ramp;
  if (isLine(ramp)) return line(scale, offset);
  if (isHardSigmoid(ramp)) return [activation({ activation: "hardSigmoid" })];
  if (low === -1 && high === 1) return [...line(scale, offset), activation({ activation: "hardTanh" })];
  // relu, perhaps with a shift behind it
  if (Number.isFinite(low) && (low === 0 || low === offset) && high > low) {
    return [...line(scale, offset - low), activation(limits(0, high - low)), ...line(1, low)];
  }
  // its mirror image
  if (Number.isFinite(high) && (high === 0 || high === offset) && high > low) {
    return [...line(-scale, high - offset), activation(limits(0, high - low)), ...line(-1, high)];
  }
  // Moved to 0 and back, numbers beside large limits would lose digits.
  return [...line(scale, offset), ...limitSteps(low, high)];
}

function limitSteps(low: number, high: number): CurveStep[] {
  return [
    ...(low === Number.NEGATIVE_INFINITY ? [] : [{ step: "limit", operation: "maximum", by: low } as const]),
    ...(high === Number.POSITIVE_INFINITY ? [] : [{ step: "limit", operation: "minimum", by: high } as const]),
  ];
}

function isHardSigmoid({ scale, offset, low, high }: Omit<Ramp, "kind">): boolean {
  return low === 0 && near(high, 1) && near(scale, 1 / 6) && near(offset, 0.5);
}

function stepsBehind(curve: Call | Clamped): CurveStep[] | undefined {
  const inner = stepsInOrder(curve.of);
  if (inner === undefined) return undefined;
  if (curve.kind === "clamped") return [...inner, ...limitSteps(curve.low, curve.high)];
  return curve.f === "erf" ? undefined : [...inner, activation(curve.f)];
}

/** x gate(x): swish, hardSwish, gelu and mish by their definitions; else the product. */
function gatedSteps({ gate }: Gated): CurveStep[] | undefined {
  const known = knownGate(gate);
  if (known !== undefined) return known;
  const steps = stepsInOrder(gate);
  return steps && [...steps, { step: "multiply", by: "x" }];
}

function knownGate(gate: Curve): CurveStep[] | undefined {
  if (gate.kind === "ramp") {
    // A multiple of hardSigmoid; files divide by 6 at any place.
    const { scale, offset, low, high } = gate;
    const unit = { scale: scale / high, offset: offset / high, low: low / high, high: 1 };
    return isHardSigmoid(unit) ? [activation({ activation: "hardSwish" }), ...line(high, 0)] : undefined;
  }
  if (gate.kind !== "call" || !isLine(gate.of) || gate.of.offset !== 0) return calledGate(gate);
  const { f, of, scale, offset } = gate;
  if (f === "erf" && near(of.scale, Math.SQRT1_2) && near(offset, scale)) {
    return [activation({ activation: "gelu" }), ...line(2 * scale, 0)];
  }
  if (f === "erf" || f.activation !== "sigmoid" || offset !== 0) return undefined;
  // x sigmoid(b x) = swish(b x) / b
  return [...line(of.scale, 0), activation({ activation: "swish" }), ...line(scale / of.scale, 0)];
}

/** x tanh(softplus(x)). */
function calledGate(gate: Curve): CurveStep[] | undefined {
  if (gate.kind !== "call" || gate.f === "erf" || gate.f.activation !== "tanh" || gate.offset !== 0) return undefined;
  const { of: inner } = gate;
  const isSoftplus = inner.kind === "call" && inner.f !== "erf" && inner.f.activation === "softplus";
  if (!isSoftplus || !isIdentity(inner.of) || inner.scale !== 1 || inner.offset !== 0) return undefined;
  return [activation({ activation: "mish" }), ...line(gate.scale, 0)];
}

/** Equal but for the rounding of f32. */
function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(b));
}
