/** What looks at the scores of each epoch: stopping early, and lowering the learning rate on a plateau. */
import { ArgumentError, oneOf, show } from "../errors.ts";
import { count, notNegative } from "../optimizers/checks.ts";
import type { EpochReport } from "./fit.ts";
import type { Trainer } from "./trainer.ts";

interface MonitorOptions {
  /** What is watched. Default "valLoss" where there is validation data, else "loss". */
  monitor?: string;
  /** Epochs in a row without an improvement until something is done; 0 means the same as 1, as in Keras. */
  patience?: number;
  /** The least that counts as an improvement. */
  minDelta?: number;
}

/** When to stop before the last epoch. */
export interface EarlyStopping extends MonitorOptions {
  /** Training stops after this many epochs in a row without an improvement; 0 means the same as 1, as in Keras. Default 0. */
  patience?: number;
  /** The least that counts as an improvement. Default 0. */
  minDelta?: number;
  /** Give the model the weights of its best epoch at the end, but not where the signal stopped it. Default false. */
  restoreBestWeights?: boolean;
}

/** When to lower the learning rate, and how far. */
export interface ReduceLROnPlateau extends MonitorOptions {
  /** The rate falls after this many epochs in a row without an improvement. Default 10. */
  patience?: number;
  /** The least that counts as an improvement. Default 1e-4. */
  minDelta?: number;
  /** What the rate is multiplied with. Default 0.1. */
  factor?: number;
  /** Epochs behind a fall that do not count. Default 0. */
  cooldown?: number;
  /** The rate does not fall below this. Default 0. */
  minLr?: number;
}

/** Where lowering the rate stands; saved with the training. */
export interface Plateau {
  /** What the rate of the schedule is multiplied with. */
  factor: number;
  /** null before the first epoch. */
  best: number | null;
  since: number;
  cooldown: number;
}

/** What can be watched. */
export interface Watched {
  readonly trainer: Trainer;
  readonly validate: unknown;
  readonly weights: { read(): Float32Array[]; write(values: Float32Array[]): void };
}

/** "loss" of the validation data is "valLoss". */
export function valName(name: string): string {
  return `val${name[0].toUpperCase()}${name.slice(1)}`;
}

/** One score of each epoch; losses and errors are to fall, the others to rise. */
class Monitor {
  readonly #name: string;
  readonly #minDelta: number;
  readonly patience: number;

  constructor(
    op: string,
    { validate, trainer }: Watched,
    options: Required<Omit<MonitorOptions, "monitor">> & MonitorOptions,
  ) {
    const trained = ["loss", ...trainer.compiled.metrics.map(({ name }) => name)];
    const known = validate === undefined ? trained : [...trained, ...trained.map(valName)];
    const usual = validate === undefined ? "loss" : "valLoss";
    this.#name = oneOf("fit", `${op}.monitor`, options.monitor ?? usual, known);
    count("fit", `${op}.patience`, options.patience);
    notNegative("fit", `${op}.minDelta`, options.minDelta);
    this.patience = options.patience;
    this.#minDelta = options.minDelta;
  }

  valueIn(report: EpochReport): number {
    return report[this.#name];
  }

  /** Whether `value` is better than the best so far; any number is better than none. */
  isGain(value: number, best: number): boolean {
    const gain = /loss|error/i.test(this.#name) ? best - value : value - best;
    return gain > this.#minDelta || (Number.isNaN(best) && !Number.isNaN(value));
  }
}

/** Early stopping: remembers the best epoch and counts those since. */
export class Stopper {
  readonly #monitor: Monitor;
  readonly #watched: Watched;
  readonly #restores: boolean;
  #best = Number.NaN;
  #since = 0;
  #weights: Float32Array[] | undefined;

  constructor(watched: Watched, options: EarlyStopping) {
    const { patience = 0, minDelta = 0, restoreBestWeights = false } = options;
    this.#monitor = new Monitor("earlyStopping", watched, { ...options, patience, minDelta });
    this.#watched = watched;
    this.#restores = restoreBestWeights;
  }

  shouldStop(report: EpochReport): boolean {
    const value = this.#monitor.valueIn(report);
    if (this.#monitor.isGain(value, this.#best)) {
      this.#best = value;
      this.#since = 0;
      if (this.#restores) this.#weights = this.#watched.weights.read();
      return false;
    }
    this.#since++;
    return this.#since >= this.#monitor.patience;
  }

  finish(): void {
    if (this.#weights !== undefined) this.#watched.weights.write(this.#weights);
  }
}

/** Lowers the rate where a score no longer improves (Keras ReduceLROnPlateau). */
export class Reducer {
  readonly #monitor: Monitor;
  readonly #trainer: Trainer;
  readonly #factor: number;
  readonly #cooldown: number;
  readonly #minLr: number;

  /** @param resume go on with what the trainer knows of past epochs. */
  constructor(watched: Watched, options: ReduceLROnPlateau, resume: boolean) {
    const { patience = 10, minDelta = 1e-4, factor = 0.1, cooldown = 0, minLr = 0 } = options;
    this.#monitor = new Monitor("reduceLROnPlateau", watched, { ...options, patience, minDelta });
    if (!(factor > 0 && factor < 1)) {
      throw new ArgumentError(`fit: reduceLROnPlateau.factor must be a number between 0 and 1, got ${show(factor)}`);
    }
    count("fit", "reduceLROnPlateau.cooldown", cooldown);
    notNegative("fit", "reduceLROnPlateau.minLr", minLr);
    this.#trainer = watched.trainer;
    this.#factor = factor;
    this.#cooldown = cooldown;
    this.#minLr = minLr;
    if (!resume) Object.assign(watched.trainer.plateau, { best: null, since: 0, cooldown: 0 });
  }

  look(report: EpochReport): void {
    const { plateau } = this.#trainer;
    const value = this.#monitor.valueIn(report);
    if (plateau.cooldown > 0) {
      plateau.cooldown--;
      plateau.since = 0;
    }
    if (this.#monitor.isGain(value, plateau.best ?? Number.NaN)) {
      plateau.best = value;
      plateau.since = 0;
    } else if (plateau.cooldown === 0) {
      plateau.since++;
      if (plateau.since >= this.#monitor.patience) this.#reduce(plateau);
    }
  }

  #reduce(plateau: Plateau): void {
    const least = this.#minLr / this.#trainer.scheduledRate;
    plateau.factor = Math.max(plateau.factor * this.#factor, Math.min(plateau.factor, least));
    plateau.cooldown = this.#cooldown;
    plateau.since = 0;
  }
}
