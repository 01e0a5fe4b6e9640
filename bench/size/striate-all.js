import * as striate from "striate";

console.log(striate);
