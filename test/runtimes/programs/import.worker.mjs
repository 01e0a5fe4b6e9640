import * as striate from "striate";
import { smoke } from "./smoke.js";

export default {
  fetch: async () => Response.json(await smoke(striate)),
};
