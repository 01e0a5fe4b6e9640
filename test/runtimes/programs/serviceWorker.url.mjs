// A service worker for bundlers that would give the kernels a part of their own, which import() may not load here.
import { conv2d, conv2dBackward, transpose } from "striate/ops";
import { full, init, layers, loadModel, optimizers, scope, sequential, tensor, zeros } from "striate/url";
import { serve } from "./insideService.mjs";

const ops = { conv2d, conv2dBackward, transpose };
serve({ full, init, layers, loadModel, ops, optimizers, scope, sequential, tensor, zeros });
