// Rows of results, summed up: for each set, how the first contender compares with the fastest of the others.

export function geometricMean(values) {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/** The fastest contender's time over `name`'s, for one row; undefined where either is missing. */
export function ratio(row, name) {
  const { [name]: own, ...others } = row.contenders;
  const times = Object.values(others).map((c) => c.ms);
  return own && times.length > 0 ? Math.min(...times) / own.ms : undefined;
}

/** Geometric means and the worst workload of each set. */
export function printSummary(rows) {
  const name = Object.keys(rows[0]?.contenders ?? {})[0];
  const rated = rows.map((row) => ({ ...row, ratio: ratio(row, name) })).filter((row) => row.ratio !== undefined);
  if (rated.length === 0) return;
  console.log(`\nTime of the fastest other contender over that of ${name} (above 1: ${name} is faster)`);
  for (const set of new Set(rated.map((row) => row.set))) {
    const group = rated.filter((row) => row.set === set);
    const mean = geometricMean(group.map((row) => row.ratio));
    const worst = group.reduce((a, b) => (b.ratio < a.ratio ? b : a));
    console.log(`${set.padEnd(12)} x${mean.toFixed(2)}  worst x${worst.ratio.toFixed(2)} ${worst.workload}`);
  }
}
