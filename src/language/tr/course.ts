import type { Texts } from "../texts.js";
import { lessons } from "./lessons/index.js";
import { number } from "./words.js";

export const course: Texts["course"] = {
  lessons,
  title: "Vadiler: kayıp ve iniş üzerine bir ders",
  subtitle: (count) =>
    `Sırayla ${number(count)} ders. Her biri bir soru sorar, bu bilgisayardaki çalıştırmanın ne bulduğunu gösterir ve denenecek komutlarla biter.`,
  parts: {
    line: "Noktalardan geçen doğru",
    valley: "Vadi: yüzeyler ve kesitler",
    batches: "Her adımda bir yığın",
    network: "Bir sinir ağı",
    farther: "Daha ileri: daha çok satır, daha iyi adımlar, başka makineler ve bir kanıt",
  },
  again: "Bu dersleri yeniden üretme",
  place: (lesson, count) => `Ders ${number(lesson)} / ${number(count)}`,
  toContents: "Bütün dersler",
  method: "Ne yapılıyor?",
  look: "Ne görüyoruz?",
  numbers: "Bu çalıştırmanın sayıları",
  tries: "Sırada ne denenebilir?",
  triesText: "Her komut kendi raporunu yazar. Raporu bunun yanında açıp şekilleri karşılaştırın.",
  previous: "Önceki ders",
  next: "Sonraki ders",
};
