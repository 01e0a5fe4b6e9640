const striate = require("striate");
const { report } = require("./report.js");
const { smoke } = require("./smoke.js");

report(smoke(striate));
