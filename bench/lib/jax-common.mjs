// What every jax-js function needs.
import { nn, numpy as np } from "@jax-js/jax";

export const vertical = (n) => n.PY ?? n.P;
export const horizontal = (n) => n.PX ?? n.P;

export const resident = (data, shape) => np.array(Float32Array.from(data)).reshape(shape);

export function activate(y, act) {
  if (act === "relu") return nn.relu(y);
  if (act === "relu6") return nn.relu6(y);
  return y;
}

/** x [N,C,H,W] with zeros around; rows and columns are [before, after]. */
export function padBy(x, rows, columns) {
  if (![...rows, ...columns].some(Boolean)) return x;
  return np.pad(x, [[0, 0], [0, 0], rows, columns]);
}
