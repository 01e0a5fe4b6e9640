import * as striate from "striate/core";
import { refusal } from "./smoke.js";

/** The smallest module there is, as bytes: to compile them is what such hosts forbid. */
const module = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);

export default {
  fetch: async () => Response.json(await refusal(striate, { module })),
};
