/** A tensor as the fixture scripts write it. */
export interface FixtureTensor {
  readonly shape: number[];
  readonly data: number[];
}
