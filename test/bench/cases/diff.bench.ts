import fastJsonPatch from 'fast-json-patch';
import { createDiffCalculator, type JsonPatch } from '../../../src/index.ts';
import { atLeast, atMost, type Benchmark, type Line, type Target } from '../benchmark.ts';
import { alternate, formatMs, timed } from '../measure.ts';
import { shapes, type Shape } from '../shapes.ts';

const { diff, apply } = createDiffCalculator();
const sampleMs = 60;

/** Differences found and applied, beside fast-json-patch. */
export const benchmark: Benchmark = async ({ rounds }) => {
  const lines: Line[] = [];
  for (const shape of shapes) lines.push(...(await measure(shape, rounds)));
  return lines;
};

async function measure(shape: Shape, rounds: number): Promise<readonly Line[]> {
  const { name, before, after } = shape;
  const patch = diff(before, after);
  const calculated = await alternate(
    {
      ours: repeated(() => diff(before, after)),
      theirs: repeated(() => fastJsonPatch.compare(before, after)),
    },
    rounds * 3,
  );
  const applied = await alternate(
    {
      ours: repeated(() => apply(before, patch)),
      theirs: repeated(() => fastJsonPatch.applyPatch(before, patch as never, false, false)),
    },
    rounds * 3,
  );
  const lines = [
    fasterLine(`diff, ${name}`, calculated, atLeast(1)),
    fasterLine(`immutable apply, ${name}`, applied, shape.isNested ? atLeast(5) : null),
  ];
  return shape.isRow ? [...lines, operationsLine(name, patch, fastJsonPatch.compare(before, after).length)] : lines;
}

/** Milliseconds of one call, over as many as fill the sample. */
function repeated(run: () => unknown): () => Promise<number> {
  let calls = 1;
  const sample = () =>
    timed(() => {
      for (let call = 0; call < calls; call += 1) run();
    });
  return async () => {
    let ms = await sample();
    while (ms < sampleMs) {
      calls = Math.ceil(calls * Math.min(10, Math.max(1.2, (sampleMs * 1.2) / Math.max(ms, 0.01))));
      ms = await sample();
    }
    return ms / calls;
  };
}

function fasterLine(work: string, { ours, theirs }: Record<'ours' | 'theirs', number>, target: Target | null): Line {
  return {
    work: `${work}: times as fast`,
    ours: formatMs(ours),
    limit: `fast-json-patch: ${formatMs(theirs)}`,
    measured: theirs / ours,
    unit: 'x',
    target,
  };
}

function operationsLine(name: string, patch: JsonPatch, theirs: number): Line {
  return {
    work: `operations, ${name}`,
    ours: `${patch.length}`,
    limit: `fast-json-patch: ${theirs}`,
    measured: patch.length,
    unit: 'operations',
    target: atMost(1),
  };
}
