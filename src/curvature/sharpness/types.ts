/** The largest eigenvalue of the loss's Hessian at a snapshot of a training, its sharpness. */
export interface SnapshotSharpness {
  /** Steps that were taken before the snapshot. */
  step: number;
  largest: number;
  /** ‖Hv − λv‖: an eigenvalue lies within this distance. */
  residual: number;
  /** The largest eigenvalue with which the next step is stable; null where the optimiser has no such limit. */
  limit: number | null;
}

/** What becomes of the sharpness over a training. */
export interface PathSharpness {
  snapshots: number;
  /** Snapshots whose residual is larger than the tolerance allows. */
  unconverged: number;
  first: SnapshotSharpness;
  last: SnapshotSharpness;
  /** The snapshot with the largest eigenvalue. */
  highest: SnapshotSharpness;
  /** Beside the limit; null where the optimiser has none. */
  stability: PathStability | null;
}

/** The sharpness of a training beside the limit of stable steps. */
export interface PathStability {
  /** How the limit depends on the learning rate η and on the momentum µ. */
  formula: StabilityFormula;
  /** Snapshots whose sharpness lies above the limit by more than the residual, below it, and neither. */
  above: number;
  below: number;
  undecided: number;
  /**
   * The step of the first snapshot above the limit, and its limit; null: there is none. `after` is the step of the last
   * snapshot before it that lies below, or null.
   */
  crossing: { after: number | null; by: number; limit: number } | null;
  /** The sharpness over the limit, where that is largest. */
  nearest: { step: number; ratio: number };
  /** The sharpness over the limit from the first snapshot above on; null: there is none. */
  since: { snapshots: number; above: number; least: number; mean: number; largest: number } | null;
}

/** The largest eigenvalue with which gradient descent is stable, without and with momentum of two kinds. */
export type StabilityFormula = "2/η" | "(2 + 2µ)/η" | "(2 + 2µ)/((1 + 2µ)η)";
