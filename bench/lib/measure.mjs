// How a time comes about: short ops are repeated until a sample lasts long enough, samples of all contenders are
// interleaved (A B C A B C ...), and only those count during which the process had the core to itself.

const SAMPLE_MS = 8;
const MIN_ROUNDS = 7;
const MIN_CLEAN = 3;
const LONG_OP_MS = 100;

/** With several threads, CPU time and wall time do not compare: every sample counts. */
const THREADED = Number(process.env.BENCH_THREADS ?? 1) > 1;

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length & 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Times `count` runs. The sample is clean when wall time and the process's CPU time agree within 2 %: then nothing else
 * was scheduled on the core meanwhile.
 * @returns {Promise<{ ms: number, cpu: number, clean: boolean }>} per run
 */
async function sample(run, count) {
  const cpuStart = process.cpuUsage();
  const start = performance.now();
  for (let i = 0; i < count; i++) {
    const pending = run();
    if (pending?.then) await pending;
  }
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(cpuStart);
  const cpu = (user + system) / 1000;
  const clean = THREADED || wall - cpu <= Math.max(0.02 * wall, 0.05);
  return { ms: wall / count, cpu: cpu / count, clean };
}

/**
 * Runs an op for at least `warmMs` and 20 times (8 for ops over 100 ms).
 * @returns {Promise<number>} how many runs make one sample
 */
export async function warmUp(run, warmMs) {
  const start = performance.now();
  let fastest = Infinity;
  let runs = 0;
  do {
    const { ms } = await sample(run, 1);
    fastest = Math.min(fastest, ms);
    runs++;
  } while (performance.now() - start < warmMs || runs < (fastest < LONG_OP_MS ? 20 : 8));
  return Math.max(1, Math.ceil(SAMPLE_MS / fastest));
}

/**
 * Interleaved rounds until every entry has `rounds` clean samples or `budgetMs` is spent, and at least 7.
 * @param {{ run: () => unknown, activate?: () => unknown, count: number }[]} entries count: runs per sample
 * @returns {Promise<{ clean: number[], dirty: number[] }[]>} wall times of clean samples, CPU times of the others
 */
export async function interleave(entries, { rounds, budgetMs }) {
  const times = entries.map(() => ({ clean: [], dirty: [] }));
  const start = performance.now();
  const wanted = () => times.some(({ clean }) => clean.length < rounds);
  for (let round = 0; round < MIN_ROUNDS || (wanted() && performance.now() - start < budgetMs); round++) {
    for (const [i, entry] of entries.entries()) {
      await entry.activate?.();
      const { ms, cpu, clean } = await sample(entry.run, entry.count);
      if (clean) times[i].clean.push(ms);
      else times[i].dirty.push(cpu);
    }
  }
  return times;
}

/**
 * `ms` is the median. Where no quiet moment was found (fewer than 3 clean samples), the CPU times of the others are
 * used as well and `clean` says 0.
 */
export function summarize({ clean, dirty }) {
  const quiet = clean.length >= MIN_CLEAN;
  const times = quiet ? clean : [...clean, ...dirty];
  return {
    ms: median(times),
    min: Math.min(...times),
    max: Math.max(...times),
    clean: quiet ? clean.length : 0,
    dropped: dirty.length,
  };
}
