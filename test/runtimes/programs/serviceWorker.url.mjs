// A service worker for bundlers that would give the kernels a part of their own, which import() may not load here.
import * as striate from "striate/url";
import { serve } from "./insideService.mjs";

serve(striate);
