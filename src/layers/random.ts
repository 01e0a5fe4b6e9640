/** What layers have in common that are random in training, by another draw at every step, and do nothing outside of it. */
import { ArgumentError, show } from "../errors.ts";
import type { Planner, Slot } from "../ops/planned.ts";
import { SeededRandom } from "../tensor/random.ts";
import type { Shape } from "../tensor/shape.ts";
import { Layer, type LayerOptions } from "./layer.ts";

/** What is drawn follows from these alone: the layer's seed, and the number of the step. */
export interface Draw {
  readonly seed: number;
  readonly stream: number;
}

/** An op as a plan calls it. */
export interface Drawing {
  /** The shape of the result, where that may not lie where x lay. */
  readonly output?: Shape;
  readonly scratchBytes?: number;
  /** The way back looks at x. */
  readonly readsX?: boolean;
  readonly forward: (at: { x: number; y: number; scratch: number }, draw: Draw) => void;
  readonly backward: (at: { dy: number; x: number; dx: number; scratch: number }, draw: Draw) => void;
}

export abstract class RandomLayer<Options extends LayerOptions> extends Layer<Options> {
  /** Follows from the model's seed, which may be set anew, and the layer's name. */
  #own = { of: Number.NaN, seed: 0 };

  /** Whether the options leave something to do in training. */
  protected get acts(): boolean {
    return true;
  }

  /** What is done in training. */
  protected abstract draw(planner: Planner, x: Shape): Drawing;

  /** What is done outside of it. */
  protected still(_planner: Planner, x: Slot): Slot {
    return x;
  }

  protected infer(input: Shape): Shape {
    return input;
  }

  plan(planner: Planner, x: Slot): Slot {
    if (!planner.training) return this.still(planner, x);
    if (!this.acts) return x;
    const { scratchBytes, forward, backward, output, readsX } = this.draw(planner, x.shape);
    const keeps = readsX && x.needsGradient ? [x] : [];
    const isApart = output !== undefined || keeps.length > 0;
    const y = isApart ? planner.slot(output ?? x.shape) : planner.reuse(x);
    planner.step({
      kind: this.kind,
      reads: [x],
      writes: [y],
      scratchBytes,
      run: (scratch) => forward({ x: x.pointer, y: y.pointer, scratch }, this.#draw(planner)),
    });
    planner.node({
      inputs: [x],
      output: y,
      keeps,
      backward: (dy) => {
        const dx = output === undefined ? planner.reuse(dy) : planner.slot(x.shape);
        planner.step({
          kind: `${this.kind}Backward`,
          reads: [dy, ...keeps],
          writes: [dx],
          scratchBytes,
          run: (scratch) => {
            const at = { dy: dy.pointer, x: keeps.length > 0 ? x.pointer : 0, dx: dx.pointer, scratch };
            backward(at, this.#draw(planner));
          },
        });
        planner.handGradient(x, dx);
      },
    });
    return y;
  }

  #draw({ clock }: Planner): Draw {
    const { seed: of, iteration: stream } = clock;
    if (this.#own.of !== of) this.#own = { of, seed: new SeededRandom(of).fork(`${this.name}/mask`).bits() };
    return { seed: this.#own.seed, stream };
  }
}

/** What `make` draws for each of n samples, one after the other. */
export function drawEach<T>(n: number, { seed, stream }: Draw, make: (random: SeededRandom) => T): T[] {
  const random = new SeededRandom(seed).fork(stream);
  return Array.from({ length: n }, () => make(random));
}

/** The ends of what is drawn. */
export type Range = readonly [lower: number, upper: number];

/** Uniform between the ends. */
export function between(random: SeededRandom, [lower, upper]: Range): number {
  return lower + (upper - lower) * random.uniform();
}

/** The ends that a number or [lower, upper] means, all from `least` to `most`; a number f means [-f, f], as far as that goes. */
export function rangeOf(layer: string, argument: string, factor: number | Range, [least, most]: Range): Range {
  const size = typeof factor === "number" && factor >= least ? Math.abs(factor) : Number.NaN;
  const ends = Array.isArray(factor) ? (factor as Range) : [Math.max(-size, least), size];
  const [lower, upper] = ends;
  if (ends.length === 2 && lower >= least && lower <= upper && upper <= most) return [lower, upper];
  throw new ArgumentError(
    `${layer}: ${argument} must be a number from ${least} to ${most} or [lower, upper], got ${show(factor)}`,
  );
}
