/**
 * An asynchronous function whose module is loaded at its first call.
 *
 * @param load gives the function
 */
export function lazily<Given extends unknown[], Result>(
  load: () => Promise<(...given: Given) => Promise<Result>>,
): (...given: Given) => Promise<Result> {
  return async (...given) => (await load())(...given);
}

/** The same for an asynchronous generator. */
export function lazyStream<Given extends unknown[], Item>(
  load: () => Promise<(...given: Given) => AsyncGenerator<Item, void, void>>,
): (...given: Given) => AsyncGenerator<Item, void, void> {
  return async function* (...given) {
    yield* (await load())(...given);
  };
}
