/** The libraries that `striate bench` compares with: found in the project it is run in, never in striate itself. */
import { createRequire } from "node:module";
import { dirname, join, sep } from "node:path";
import type { ModelFile } from "./models.ts";
import { Misuse, Trouble } from "./trouble.ts";

export const PEERS = ["tfjs", "ort"] as const;
export type PeerName = (typeof PEERS)[number];

/** A batch for one input and its shape, [N,...], channels last. */
export interface PeerInput {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface Peer {
  readonly name: string;
  /** One prediction; the numbers of each output as the library has them. */
  readonly predict: () => Promise<readonly ArrayLike<number>[]>;
  /** Whether images have their channels first in what it gives. */
  readonly channelsFirst: boolean;
}

const PACKAGES: Readonly<Record<PeerName, readonly string[]>> = {
  tfjs: ["core", "backend-cpu", "backend-wasm", "layers", "converter"].map((name) => `@tensorflow/tfjs-${name}`),
  ort: ["onnxruntime-web"],
};

export function openPeer(name: PeerName, file: ModelFile, inputs: readonly PeerInput[]): Promise<Peer> {
  const wanted = name === "tfjs" ? "keras" : "onnx";
  if (file.format !== wanted) {
    throw new Misuse(`--against ${name} needs ${name === "tfjs" ? "a model.json" : "an .onnx file"}, got ${file.path}`);
  }
  const require = createRequire(join(process.cwd(), "striate-bench.js"));
  const [packages, found] = [PACKAGES[name], new Map<string, string>()];
  for (const one of packages) {
    try {
      found.set(one, require.resolve(one));
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code !== "MODULE_NOT_FOUND") throw new Trouble(`--against ${name}: ${message}`);
      throw new Trouble(
        `--against ${name}: ${one} is not installed in ${process.cwd()}; install it there: npm install ${packages.join(" ")}`,
      );
    }
  }
  const load = (one: string) => require(one);
  return name === "tfjs" ? openTfjs(load, found, file, inputs) : openOrt(load, file, inputs);
}

// biome-ignore-start lint/suspicious/noExplicitAny: libraries of the user, whose types are not here
type Load = (name: string) => any;

async function openTfjs(
  load: Load,
  found: ReadonlyMap<string, string>,
  file: ModelFile,
  inputs: readonly PeerInput[],
): Promise<Peer> {
  const [core, , wasm, layers, converter] = PACKAGES.tfjs.map(load);
  wasm.setWasmPaths(dirname(found.get(PACKAGES.tfjs[2]) ?? "") + sep);
  wasm.setThreadsCount?.(1);
  await core.setBackend("wasm");
  await core.ready();
  const { json, weights } = file.keras as NonNullable<ModelFile["keras"]>;
  const manifest = json.weightsManifest as readonly { weights: readonly object[] }[];
  const artifacts = {
    ...json,
    weightSpecs: manifest.flatMap((group) => group.weights),
    weightData: new Uint8Array(Buffer.concat(weights)).buffer,
  };
  const isGraph = Array.isArray((json.modelTopology as { node?: unknown } | undefined)?.node);
  const handler = { load: async () => artifacts };
  const model = isGraph ? await converter.loadGraphModel(handler) : await layers.loadLayersModel(handler);
  const given = inputs.map(({ shape, data }) => core.tensor(data, shape));
  return {
    name: "tfjs-wasm",
    channelsFirst: false,
    predict: async () =>
      [model.predict(given.length === 1 ? given[0] : given)].flat().map((y: any) => {
        const numbers = y.dataSync();
        y.dispose();
        return numbers;
      }),
  };
}

async function openOrt(load: Load, file: ModelFile, inputs: readonly PeerInput[]): Promise<Peer> {
  const ort = load(PACKAGES.ort[0]);
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(file.content, { executionProviders: ["wasm"] });
  const feeds = Object.fromEntries(
    inputs.map(({ shape, data }, i) => {
      const { data: turned, shape: sizes } = channelsFirst(shape, data);
      return [session.inputNames[i], new ort.Tensor("float32", turned, sizes)];
    }),
  );
  return {
    name: "onnxruntime-web",
    channelsFirst: true,
    predict: async () => {
      const outputs = await session.run(feeds);
      return session.outputNames.map((name: string) => outputs[name].data);
    },
  };
}
// biome-ignore-end lint/suspicious/noExplicitAny: as above

/** [N,...,C] -> [N,C,...] of images, lines and volumes. */
export function channelsFirst(shape: readonly number[], data: Float32Array): { shape: number[]; data: Float32Array } {
  const [n, ...sample] = shape;
  if (sample.length < 2) return { shape: [...shape], data };
  const channels = sample[sample.length - 1];
  const cells = data.length / n / channels;
  const turned = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const [row, channel] = [Math.floor(i / channels), i % channels];
    turned[(Math.floor(row / cells) * channels + channel) * cells + (row % cells)] = data[i];
  }
  return { shape: [n, channels, ...sample.slice(0, -1)], data: turned };
}
