/** `striate bench`: how long a prediction takes, alone or in turns with another library. */
import { init, type Model, type Tensor, tensor } from "../index.ts";
import { modelOf, readModelFile } from "./models.ts";
import { print, printJson, table } from "./output.ts";
import { channelsFirst, openPeer, type Peer, type PeerName } from "./peers.ts";
import { Trouble } from "./trouble.ts";

export interface BenchOptions {
  readonly against?: PeerName;
  readonly runs: number;
  readonly batchSize: number;
  readonly inputShape?: readonly number[];
  readonly deterministic?: boolean;
  readonly json?: boolean;
}

interface Times {
  readonly name: string;
  /** Milliseconds. */
  readonly median: number;
  readonly fastest: number;
}

interface Report {
  readonly file: string;
  readonly binary: string;
  readonly batchSize: number;
  readonly runs: number;
  readonly times: readonly Times[];
  /** The peer's median over ours. */
  readonly ratio?: number;
  /** Between outputs, and the largest of them. */
  readonly difference?: { readonly most: number; readonly of: number };
}

export async function bench(path: string, options: BenchOptions): Promise<void> {
  const { against, runs, batchSize, inputShape, deterministic, json } = options;
  const { features } = await init({ deterministic: deterministic ?? false });
  const file = readModelFile(path);
  const model = await modelOf(file, inputShape);
  const given = model.inputs.map(({ shape }, i) => ({
    shape: [batchSize, ...shape],
    data: noise(batchSize, shape, i),
  }));
  const peer = against && (await openPeer(against, file, given));
  await model.warmUp({ batchSize });
  const xs = given.map(({ shape, data }) => tensor(data, shape));
  const own = ownPrediction(model, xs);
  const difference = peer && (await compare(own.into, peer));
  const contestants = [own.predict, ...(peer ? [peer.predict] : [])];
  const rounds = await interleaved(contestants, runs);
  const times = rounds.map((each, i) => timesOf(i === 0 ? "striate" : (peer?.name ?? ""), each));
  const ratio = peer && { ratio: times[1].median / times[0].median, difference };
  const report = { file: file.path, binary: features.binary, batchSize, runs, times, ...ratio };
  if (json) printJson(report);
  else print(textOf(report));
}

function ownPrediction(model: Model, xs: readonly Tensor[]) {
  const into = model.predictAll(xs);
  return { into, predict: () => model.predictAll(xs, { into }) };
}

/** From 0 to 1, the same in each run. */
function noise(batchSize: number, shape: readonly number[], input: number): Float32Array {
  const size = shape.reduce((a, b) => a * b, batchSize);
  return Float32Array.from({ length: size }, (_, i) => Math.sin((i + input) * 12.9898) / 2 + 0.5);
}

/** In turns, so that what else the machine does meets all alike; who begins changes from round to round. */
async function interleaved(contestants: readonly (() => unknown)[], runs: number): Promise<number[][]> {
  const times: number[][] = contestants.map(() => []);
  for (let round = -WARM_UP; round < runs; round++) {
    const order = [...contestants.keys()];
    for (const i of round % 2 === 0 ? order : order.reverse()) {
      const start = performance.now();
      await contestants[i]();
      if (round >= 0) times[i].push(performance.now() - start);
    }
  }
  return times;
}

/** Rounds that are not measured. */
const WARM_UP = 3;

function timesOf(name: string, times: readonly number[]): Times {
  const sorted = [...times].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
  return { name, median, fastest: sorted[0] };
}

/** How far the outputs of both lie apart. */
async function compare(own: readonly Tensor[], peer: Peer): Promise<Report["difference"]> {
  let [most, of] = [0, 0];
  const theirs = await peer.predict();
  for (const [i, y] of own.entries()) {
    const data = peer.channelsFirst ? channelsFirst(y.shape, y.data).data : y.data;
    if (theirs[i]?.length !== data.length) {
      throw new Trouble(
        `${peer.name} makes ${theirs[i]?.length ?? "no"} numbers of output ${i + 1}, striate ${data.length}`,
      );
    }
    for (let k = 0; k < data.length; k++) {
      of = Math.max(of, Math.abs(theirs[i][k]));
      most = Math.max(most, Math.abs(theirs[i][k] - data[k]));
    }
  }
  return { most, of };
}

function textOf({ file, binary, batchSize, runs, times, ratio, difference }: Report): string {
  const ms = (time: number) => `${time.toPrecision(3)} ms`;
  const rows = times.map(({ name, median, fastest }) => [name, ms(median), ms(fastest)]);
  return [
    `${file}: batch ${batchSize}, ${runs} runs each, ${binary} kernels`,
    table([["", "median", "fastest"], ...rows]),
    ...(ratio === undefined ? [] : [`striate is ${ratio.toFixed(2)} times as fast by the medians`]),
    ...(difference
      ? [`outputs differ by ${difference.most.toExponential(1)} at most, of ${difference.of.toPrecision(3)}`]
      : []),
  ].join("\n");
}
