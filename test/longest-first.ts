import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take long for their size: they start whole stacks, or kill what runs. */
const long = [
  /stack\/lifecycle/,
  /import-kills/,
  /chaos\.test/,
  /fuzz\/api/,
  /billing/,
  /attacks\/accounts/,
  /leads\/imports\.test/,
];

/**
 * Longest first, so that no worker ends with a long file while the other has nothing left. Vitest knows how long each took
 * the last time; where it knows nothing yet, it goes by size, which tells little of these.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => long.some((name) => name.test(moduleId));
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}
