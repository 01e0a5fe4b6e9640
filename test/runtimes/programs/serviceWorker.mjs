// A service worker; its page is service.mjs. There is no import map here, and import() is forbidden.

import { serve } from "./insideService.mjs";
import * as striate from "./node_modules/striate/dist/index.js";

serve(striate);
