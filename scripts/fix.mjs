// npm run fix: formats and applies the safe fixes of the linter.
import { install, runTool } from "./setup.mjs";

install();
const command = ["node_modules/@biomejs/biome/bin/biome", "check", "--write", ...process.argv.slice(2)];
process.exit(runTool(command) ? 0 : 1);
