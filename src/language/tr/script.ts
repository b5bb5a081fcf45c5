import { number } from "./words.js";
import type { Texts } from "../texts.js";

export const script: Texts["script"] = {
  light: "Açık",
  dark: "Koyu",
  switchToLight: "Açık renklere geç",
  switchToDark: "Koyu renklere geç",
  showOrHide: "Göster ya da gizle",
  manyCurves: (count, first, last) =>
    `${number(count)} eğri; renkler: ${first} ile ${last} arasında`,
  lowestOf: (name) => `${name}: en alçak nokta`,
  downloadImage: "Grafiği PNG olarak indir",
  failed: (reason) => `Bu grafik çizilemedi: ${reason}`,
  noLibrary: "dosyanın içindeki çizim kitaplığı başlamadı.",
  tooManySurfaces: (most) =>
    `Bir sayfa aynı anda en çok ${number(most)} yüzeyi üç boyutlu gösterebilir; bu yüzey bu nedenle yukarıdan, eş yükselti eğrili bir harita olarak gösterilir.`,
  noWebGL:
    "Bu tarayıcıda WebGL yok; yüzey bu nedenle yukarıdan, eş yükselti eğrili bir harita olarak gösterilir.",
  resetView: "Görünümü sıfırla",
  play: "Oynat",
  pause: "Duraklat",
  step: "adım",
  stepOf: (step, last) => `${number(step)} / ${number(last)}`,
  mean: "ortalama",
  atAlpha: (alpha, name, loss, slope) => `α = ${alpha}, ${name}: kayıp ${loss}, eğim ${slope}`,
  stepFalls: (rate, to) => `η = ${rate} ile bir adım α = ${to} noktasına varır.`,
  stepCrosses: (rate, to) =>
    `η = ${rate} ile bir adım α = ${to} noktasına varır: en alçak noktanın ötesine geçer, ama kayıp yine de azalır.`,
  stepRises: (rate, to) =>
    `η = ${rate} ile bir adım α = ${to} noktasına varır: en alçak noktanın ötesine geçer ve kayıp artar.`,
  stable: (rate) =>
    `Tabandaki parabole göre bu doğrultudaki en büyük kararlı öğrenme oranı 2/L = ${rate}.`,
  neverStable:
    "Eğrinin bu kesitte bir en alçak noktası yok; bu yüzden en büyük kararlı öğrenme oranı da yok.",
  plotly: {
    "Double-click to zoom back out": "Uzaklaşmak için çift tıklayın",
    "Download plot as a PNG": "Grafiği PNG olarak indir",
    "Orbital rotation": "Serbest döndürme",
    Pan: "Kaydır",
    "Reset axes": "Eksenleri sıfırla",
    "Reset camera to default": "Kamerayı sıfırla",
    "Reset camera to last save": "Kamerayı kayıtlı konuma getir",
    Zoom: "Yakınlaştır",
    "Zoom in": "Yakınlaş",
    "Zoom out": "Uzaklaş",
  },
};
