// npm run docs: the reference, by typedoc, into docs/api, and docs/ops.md. Fails where something public has no description.
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Application, ReflectionKind, TSConfigReader, TypeDocReader } from "typedoc";
import { build } from "../scripts/build.mjs";
import { fail, root } from "../scripts/setup.mjs";
import { opsPage } from "./ops.mjs";

const options = join(dirname(fileURLToPath(import.meta.url)), "typedoc.json");

writeFileSync(join(root, "docs/ops.md"), opsPage());
await build(); // the types of build/*.js
const app = await Application.bootstrapWithPlugins({ options }, [new TypeDocReader(), new TSConfigReader()]);
const project = await app.convert();
if (project === undefined) fail("docs: typedoc found errors in the sources");

// What an object type without a name holds is told where it stands: by @returns or its property. (Of parameters, typedoc
// asks for @param alone.)
const unnamed = project
  .getReflectionsByKind(ReflectionKind.Property)
  .filter((field) => field.parent.name === "__type" && !field.hasComment())
  .filter((field) => !field.parent.parent.kindOf(ReflectionKind.Parameter))
  .map((field) => field.getFriendlyFullName());
app.options.setValue("intentionallyNotDocumented", [...new Set(unnamed)]);
app.validate(project);
await app.generateOutputs(project);
if (app.logger.hasErrors() || app.logger.hasWarnings()) fail("docs: see the warnings above");
