/**
 * The texts in Turkish, by where they are read.
 *
 * @module
 */
import type { Texts } from "../texts.js";
import { certificate } from "./certificate.js";
import { claims } from "./claims.js";
import { convexity } from "./convexity.js";
import { course } from "./course.js";
import { curvature } from "./curvature.js";
import { experiments } from "./experiments.js";
import { landscape } from "./landscape.js";
import { notes } from "./notes.js";
import { overview } from "./overview.js";
import { page } from "./page.js";
import { predictions } from "./predictions.js";
import { script } from "./script.js";
import { settings } from "./settings.js";
import { training } from "./training.js";

export const tr: Texts = {
  certificate,
  claims,
  convexity,
  course,
  curvature,
  experiments,
  landscape,
  notes,
  overview,
  page,
  predictions,
  script,
  settings,
  training,
};
