// striate through its public API: a model of one layer whose predict reads a resident tensor and writes a resident one.
import { init, layers, sequential, tensor, zeros } from "striate";

export default {
  name: "striate",
  layout: "NHWC",
  init: () => init(),
  supports: (w) => Object.hasOwn(MODELS, w.type),
  create,
};

const vertical = (w) => w.PY ?? w.P ?? 0;
const horizontal = (w) => w.PX ?? w.P ?? 0;

/** The options that every window op shares. */
const windowOptions = (w) => ({ strides: w.S, padding: [vertical(w), horizontal(w)] });

/** { input, output, layer } of each type; shapes with the batch axis. */
const MODELS = {
  conv: (w) => imageModel(w, layers.conv2d({ filters: w.K, ...convOptions(w) })),
  dwconv: (w) => imageModel(w, layers.depthwiseConv2d(convOptions(w))),
  maxpool: (w) => imageModel(w, layers.maxPool2d({ poolSize: [w.KH, w.KW], ...windowOptions(w) })),
  avgpool: (w) => (isGlobal(w) ? globalAverageModel(w) : imageModel(w, averagePool(w))),
  pad: (w) => imageModel(w, layers.zeroPadding2d({ padding: [vertical(w), horizontal(w)] })),
  dense: (w) => ({ input: [w.N, w.In], output: [w.N, w.Out], layer: layers.dense({ units: w.Out }) }),
  softmax: (w) => ({ input: [w.N, w.C], output: [w.N, w.C], layer: layers.activation("softmax") }),
};

function convOptions(w) {
  return { kernelSize: [w.KH, w.KW], dilationRate: w.D ?? 1, ...windowOptions(w) };
}

function imageModel(w, layer) {
  return { input: [w.N, w.H, w.W, w.C], output: [w.N, w.OH, w.OW, w.K], layer };
}

function isGlobal(w) {
  return w.KH === w.H && w.KW === w.W && vertical(w) === 0 && horizontal(w) === 0;
}

function globalAverageModel(w) {
  return { input: [w.N, w.H, w.W, w.C], output: [w.N, w.C], layer: layers.globalAveragePool2d() };
}

/** The mean over the elements inside the image. */
function averagePool(w) {
  return layers.averagePool2d({ poolSize: [w.KH, w.KW], ...windowOptions(w), countIncludePad: false });
}

function create(w, d) {
  const { input, output, layer } = MODELS[w.type](w);
  const model = sequential({ inputShape: input.slice(1) }, [layer]);
  if (d.w) model.setWeights([d.w, d.b]);
  const x = tensor(d.x, input);
  const y = zeros(output);
  const destination = { into: y };
  return {
    run() {
      model.predict(x, destination);
    },
    output() {
      model.predict(x, destination);
      return y.data.slice();
    },
    dispose() {
      model.dispose();
      x.dispose();
      y.dispose();
    },
  };
}
