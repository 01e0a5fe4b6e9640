// Imports run one way: cli, io -> model -> layers, losses, optimizers, metrics -> ops -> tensor -> runtime.
// Each part of src/ lists what it may import besides itself and errors.ts.
const tensors = ["tensor", "runtime"];
const ops = ["ops", ...tensors];
const parts = ["layers", "losses", "optimizers", "metrics"];
// model.save() writes a file, so the codec, which knows no model, may be imported from below.
const model = ["model", "io/safetensors", ...parts, ...ops];

const mayImport = {
  errors: [],
  runtime: [],
  tensor: ["runtime"],
  ops: tensors,
  layers: [...parts, ...ops],
  losses: [...parts, ...ops],
  optimizers: [...parts, ...ops],
  metrics: [...parts, ...ops],
  model,
  datasets: ops,
  images: ops,
  textbook: ["model", ...ops],
  io: model,
  cli: ["index", "io/keras", "io/onnx"],
};

const within = (names) => `^src/(${names.join("|")})(/|\\.ts$)`;

const directions = Object.entries(mayImport).map(([part, allowed]) => ({
  name: `${part}-imports`,
  comment: `src/${part} may import: ${["errors", ...allowed].join(", ")}`,
  severity: "error",
  from: { path: within([part]) },
  to: { path: "^src/", pathNot: within([part, "errors", ...allowed]) },
}));

module.exports = {
  forbidden: [
    ...directions,
    {
      name: "no-cycles",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "known-parts",
      comment: "a new part of src/ gets its line in mayImport",
      severity: "error",
      from: {
        path: "^src/",
        pathNot: [within(Object.keys(mayImport)), "^src/(index|index\\.workerd|url|core|library)\\.ts$"],
      },
      to: {},
    },
    {
      name: "src-stays-in-src",
      comment: "the runtime loads the compiled kernels; nothing else leaves src/",
      severity: "error",
      from: { path: "^src/" },
      to: { pathNot: ["^src/", "^build/", "^node_modules/"], dependencyTypesNot: ["core"] },
    },
    {
      name: "kernels-through-the-runtime",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/runtime/" },
      to: { path: "^build/" },
    },
    {
      name: "no-packages",
      comment:
        "the library is bundled with the AssemblyScript loader, striate/onnx with protobuf; the command is a Node program",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(cli|io/onnx)/" },
      to: { path: "node_modules", pathNot: "node_modules/@assemblyscript/loader" },
    },
    {
      name: "protobuf-alone",
      severity: "error",
      from: { path: "^src/io/onnx/" },
      to: { path: "node_modules", pathNot: "node_modules/@bufbuild/protobuf" },
    },
    {
      name: "no-node-built-ins",
      comment: "src/ runs in browsers too; a host is reached through process.getBuiltinModule in src/runtime",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/cli/" },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "resolvable",
      comment: "?module is what Workers' bundlers ask for, and theirs alone",
      severity: "error",
      from: {},
      to: { couldNotResolve: true, pathNot: "\\.wasm\\?module$" },
    },
  ],
  options: {
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "types", "default"] },
  },
};
