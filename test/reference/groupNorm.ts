import { type Array64, at, build } from "./array.ts";

/** x [N,P,C], gamma, beta [C]: each sample by the mean and the biased variance over all pixels and a group's channels. */
export function groupNorm(x: Array64, gamma: Array64, beta: Array64, groups: number, epsilon: number): Array64 {
  const [n, p, c] = x.shape;
  const share = c / groups;
  const average = (f: (value: number, sample: number, group: number) => number) =>
    build([n, groups], (sample, group) => {
      let sum = 0;
      for (let pixel = 0; pixel < p; pixel++) {
        for (let i = 0; i < share; i++) sum += f(at(x, sample, pixel, group * share + i), sample, group);
      }
      return sum / (p * share);
    });
  const mean = average((value) => value);
  const variance = average((value, sample, group) => (value - at(mean, sample, group)) ** 2);
  return build(x.shape, (sample, pixel, channel) => {
    const group = Math.floor(channel / share);
    const normal =
      (at(x, sample, pixel, channel) - at(mean, sample, group)) / Math.sqrt(at(variance, sample, group) + epsilon);
    return normal * at(gamma, channel) + at(beta, channel);
  });
}
