import type { Texts } from "../texts.js";
import { number } from "./words.js";

export const overview: Texts["overview"] = {
  title: "Eğitimler ve hata yüzeyleri",
  contentOf: (folder) => `${folder} klasörünün içindekiler`,
  andMore: (listed, count) => `${listed}; ve ${number(count)} tane daha.`,
  run: (name) => `Eğitim ${name}`,
  landscape: (name) => `Hata yüzeyi ${name}`,
  folder: (name) => `Klasör ${name}`,
  runs: (count) => `Eğitimler (${number(count)})`,
  landscapes: "Hata yüzeyleri",
  experiments: "Deneyler",
  counted: (title, count) => `${title} (${number(count)})`,
  landscapeColumns: [
    "hata yüzeyi",
    "tür",
    "doğrultu",
    "ölçek",
    "nokta",
    "yığın",
    "yığın büyüklüğü",
  ],
  experimentColumns: ["klasör", "deney", "başlık"],
  thisFolder: "bu klasör",
};
