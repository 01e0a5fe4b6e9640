// npm run fix: formats and applies the safe fixes of the linter.
import { spawnSync } from "node:child_process";
import { install, root } from "./setup.mjs";

install();
const command = ["node_modules/@biomejs/biome/bin/biome", "check", "--write", ...process.argv.slice(2)];
process.exit(spawnSync(process.execPath, command, { cwd: root, stdio: "inherit" }).status ?? 1);
