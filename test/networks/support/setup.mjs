import { init } from "striate";

await init();
