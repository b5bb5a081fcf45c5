// The one operation in which a kernel's two variants differ, with relaxed SIMD and without.

/** a·b + c. */
// @inline
export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  return multiplyAddOf<f32>(a, b, c);
}

/** a·b + c of vectors of float32 or float64. */
// @inline
export function multiplyAddOf<T>(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return v128.relaxed_madd<T>(a, b, c);
  return v128.add<T>(v128.mul<T>(a, b), c);
}
