/** One weight under SGD; returns the new weight and velocity. */
export function sgd(
  [w, velocity]: readonly [number, number],
  g: number,
  o: { learningRate: number; momentum: number; nesterov: boolean; weightDecay: number },
): [number, number] {
  const d = g + o.weightDecay * w;
  const v = o.momentum * velocity + d;
  return [w - o.learningRate * (o.nesterov ? d + o.momentum * v : v), v];
}

/** One weight under Adam, at step t = 1, 2, ...; returns the new weight, mean and mean square. */
export function adam(
  [w, m, v]: readonly [number, number, number],
  g: number,
  t: number,
  o: { learningRate: number; beta1: number; beta2: number; epsilon: number; weightDecay: number },
): [number, number, number] {
  const d = g + o.weightDecay * w;
  const mean = o.beta1 * m + (1 - o.beta1) * d;
  const square = o.beta2 * v + (1 - o.beta2) * d * d;
  const size = Math.sqrt(square / (1 - o.beta2 ** t)) + o.epsilon;
  return [w - (o.learningRate * (mean / (1 - o.beta1 ** t))) / size, mean, square];
}
