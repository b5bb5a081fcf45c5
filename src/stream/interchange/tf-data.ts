import type { BatchLoader, TensorFactory, TfData } from "../types.js";

/**
 * Batches as TensorFlow.js takes them for `model.fitDataset` and `evaluateDataset`. Each iterator goes on with the
 * epochs behind those of the one before, so that every epoch is shuffled anew.
 *
 * @param load makes the loader of the iterator with this number, from 0
 */
export function tfDataOf<Tensor>(
  tf: TensorFactory<Tensor>,
  features: number,
  size: number,
  load: (iterator: number) => BatchLoader,
): TfData<Tensor> {
  let iterators = 0;
  return {
    size,
    async iterator() {
      let batches: AsyncIterator<{ x: Float32Array; y: Float32Array; rows: number }> | undefined;
      return {
        async next() {
          // `fitDataset` asks for an iterator that it does not use.
          batches ??= load(iterators++)[Symbol.asyncIterator]();
          const { done, value } = await batches.next();
          if (done === true) return { done, value: null };
          const { x, y, rows } = value;
          return {
            done: false,
            value: { xs: tf.tensor2d(x, [rows, features]), ys: tf.tensor2d(y, [rows, 1]) },
          };
        },
      };
    },
  };
}
