import { SyncError, toErrorInfo, type SyncErrorInfo } from '../core/errors.ts';

/** Runs a task that needs the storage, and passes on what becomes of it. */
export type ReportStorage = <T>(task: () => Promise<T>) => Promise<T>;

/** `failed` is told of the first failure in a row, and of each with another code; `recovered` of the first success after that. */
export function createStorageReports(failed: (error: SyncErrorInfo) => void, recovered: () => void): ReportStorage {
  let reported: SyncError['code'] | null = null;
  return async (task) => {
    try {
      const result = await task();
      if (reported !== null) recovered();
      reported = null;
      return result;
    } catch (thrown) {
      if (thrown instanceof SyncError && thrown.code !== 'closed' && thrown.code !== reported) {
        reported = thrown.code;
        failed(toErrorInfo(thrown));
      }
      throw thrown;
    }
  };
}
