import type { Texts } from "../texts.js";
import { number, percent } from "./words.js";

export const curvature: Texts["curvature"] = {
  name: "Eğrilik",
  notConvex: (eigenvalue) =>
    `Kayıp dışbükey değil: Hesse matrisinin en küçük özdeğeri ${eigenvalue}`,
  noneNegative: (eigenvalue) =>
    `Kaybın Hesse matrisinin negatif özdeğeri bulunmadı: en küçüğü ${eigenvalue}`,
  unknown: (eigenvalue) =>
    `Kaybın Hesse matrisinin en küçük özdeğeri 0’dan ayırt edilemiyor: ${eigenvalue}`,
  ofGaussNewton: (largest) =>
    `Hesse matrisinin hiç negatif olmayan kısmının en büyük özdeğeri ${largest}`,
  ofResiduals: (least, largest) =>
    `Hesse matrisinin bütün negatif eğriliğin geldiği kısmının özdeğerleri ${least} ile ${largest} arasındadır`,
  text: (rows, products, isMatrix) =>
    `Özdeğerler, ${number(rows)} satırın ortalama kare hatasının Hesse matrisinindir; Lanczos yinelemesiyle, vektörlerle ${number(products)} çarpımda${isMatrix ? ", matrisin tümünden" : ""}, float64 olarak bulunur. Bir λ özdeğeri ve birim v vektörü için Hesse matrisinin bir özdeğeri λ’nın ‖Hv − λv‖ artığı kadar yakınındadır. İz, ${isMatrix ? "matrisin köşegeninin toplamıdır" : "Hutchinson kestirimidir ve standart hatasıyla verilir"}; yoğunluk ve negatif özdeğerler stokastik Lanczos karelemesiyle kestirilir. ReLU’nun kırılmalarında Hesse matrisi yoktur: bu, ağırlıkların bulunduğu pürüzsüz parçanınkidir.`,
  rows: "satır",
  parameters: "parametre",
  trace: "iz",
  negativeCount: "negatif özdeğerler",
  negativeSum: "toplamları",
  products: "Hesse–vektör çarpımı",
  passes: "satırlar üzerinden geçiş",
  value: "değer",
  spectrumTable: "Spektrum",
  pairsTable: "İki uçtaki özdeğerler",
  end: "uç",
  place: "sıra",
  least: "en küçük",
  largest: "en büyük",
  eigenvalue: "özdeğer",
  residual: "artık",
  converged: "yakınsadı mı",
  yes: "evet",
  no: "hayır: ötesinde başkaları olabilir",
  leastTitle: "En küçük özdeğerler",
  largestTitle: "En büyük özdeğerler",
  placeAxis: "uçtan başlayarak sıra",
  endsCaption: "Her özdeğerin 0’dan ve bir sonrakinden ne kadar uzak olduğuna bakın.",
  zero: "0",

  densityTitle: "Hesse matrisinin özdeğerlerinin yoğunluğu",
  densityCaption:
    "0’ın soluna, bütün negatif eğriliğin bulunduğu yere ve ne kadar az özdeğerin çok sağda olduğuna bakın: yoğunluğun ekseni logaritmiktir.",
  eigenvalueAxis: "özdeğer λ",
  densityAxis: "özdeğerlerin yoğunluğu",
  density: "yoğunluk",
  densityBand: "± rastgele vektörler üzerindeki standart sapması",
  negative: "negatif",
  densityFile: "özdeğerlerin yoğunluğu",
  eigenpairsFile: "iki uçtaki özdeğerler",

  kinksTable: "Kırılmaların kaybın ikinci farkına eklediği",
  eigenvector: "özvektör",
  radius: "yarıçap r",
  switches: "açılıp kapanan (satır, birim) çiftleri",
  secondDifference: "ikinci fark",
  fromKinks: "bunun kırılmalardan geleni",
  ofLeast: "en küçük özdeğerin",
  ofLargest: "en büyük özdeğerin",

  batchesTitle: (count, least, largest) =>
    `Tek tek ${number(count)} yığının Hesse matrislerinin en küçük özdeğerleri ${least} değerinden başlar, en büyükleri ${largest} değerine ulaşır`,
  batchesName: "Tek tek yığınlar",
  batchesText:
    "Her yığının kendi Hesse matrisi, bütün satırlarınki gibi çözümlenmiştir. Tek bir yığında artıkların ortalaması daha az satır üzerinden alınır; bu yüzden Hesse matrisinin negatif eğriliği daha çoktur.",
  leastOfBatches: "Her yığının Hesse matrisinin en küçük özdeğeri",
  largestOfBatches: "Her yığının Hesse matrisinin en büyük özdeğeri",
  batchesCaption:
    "Yığınların, bütün satırların kesikli çizgisi çevresinde nasıl dağıldığına bakın.",
  batch: "yığın",
  batchAxis: "yığın, dosyadaki sırayla",
  ofBatch: "bir yığının",
  ofAll: "bütün satırların birlikte",
  batchesFile: "her yığının özdeğerleri",

  pathName: "Kararlılığın sınırı",
  withoutLimit: (from, to, steps) =>
    `Hesse matrisinin en büyük özdeğeri ${number(steps)} adımda ${number(from, 3)} değerinden ${number(to, 3)} değerine gelir`,
  staysBelow: (formula, ratio, step) =>
    `Hesse matrisinin en büyük özdeğeri ${formula} sınırının altında kalır: en çok ${percent(ratio)} kadarıdır, ${number(step)}. adımda`,
  touches: (formula, ratio, step) =>
    `Hesse matrisinin en büyük özdeğeri ${formula} sınırını artığından daha fazla aşmaz: ${number(step)}. adımda sınırın ${number(ratio, 4)} katıdır`,
  crosses: (formula, limit, from, after, by) =>
    `Hesse matrisinin en büyük özdeğeri ${number(from, 3)} değerinden yükselir ve ${number(after)}. adım ile ${number(by)}. adım arasında ${formula} = ${number(limit, 3)} sınırını aşar`,
  isAbove: (formula, limit, by) =>
    `Hesse matrisinin en büyük özdeğeri ${number(by)}. adımda zaten ${formula} = ${number(limit, 3)} sınırının üstündedir`,
  since: (least, largest) =>
    `; ondan sonra sınırın ${number(least, 4)} ile ${number(largest, 4)} katı arasındadır`,
  pathText: (formula, snapshots) =>
    `Bir parabolde, eğrilik ${formula} sınırını aşarsa bu yöntemin adımı her seferinde daha çok taşar; η, adımın öğrenme oranıdır. Her adımda bütün satırları kullanan bir eğitimde en büyük özdeğer çoğu kez bu sınıra kadar yükselir ve orada, kararlılığın sınırında kalır (Cohen ve ötekiler 2021); daha küçük yığınların gürültüsü onu genellikle daha aşağıda tutar. Eğitimin ${number(snapshots)} anlık kaydının her birinin aynı satırlar üzerinde kendi özdeğeri ve artığı vardır. Özdeğer, sınırdan artığından daha fazla uzaksa üstünde ya da altında sayılır.`,
  pathTextWithoutLimit: (snapshots) =>
    `Eğitimin ${number(snapshots)} anlık kaydının her birinin aynı satırlar üzerinde kendi özdeğeri ve artığı vardır. Yöntem her ağırlığın adımını ayrı ölçekler; bu yüzden kararlı adımların yalnızca özdeğere bağlı bir sınırı yoktur.`,
  pathTitle: "Eğitim boyunca en büyük özdeğer",
  pathCaption: (formula) =>
    `Eğrinin kesikli çizgiyle buluştuğu yere bakın: özdeğer ${formula} sınırının üstündeyse özvektörü boyunca atılan adımlar her seferinde daha çok taşar.`,
  pathCaptionAbove: (formula) =>
    `Eğrinin ne kadar yükseldiğine bakın; ${formula} şeklin üstünde kalır.`,
  pathCaptionWithoutLimit: "En büyük özdeğerin eğitim sırasında nasıl değiştiğine bakın.",
  largestEigenvalue: "en büyük özdeğer",
  step: "adım",
  stepAxis: "atılan adımlar",
  largestAxis: "Hesse matrisinin en büyük özdeğeri λ",
  limit: (formula, value) => (value === undefined ? formula : `${formula} = ${value}`),
  firstAbove: (step) => `üstündeki ilk kayıt, ${number(step)}. adım`,
  pathTable: "Eğitim boyunca en büyük özdeğer",
  atFirst: (step) => `${number(step)}. adımda`,
  highest: (step) => `en yükseği, ${number(step)}. adımda`,
  snapshots: "anlık kayıt",
  aboveIt: "sınırın üstündeki kayıtlar",
  belowIt: "altındaki kayıtlar",
  undecided: "sınıra artığından daha yakın kayıtlar",
  aboveSince: "üstündeki ilk kayıttan sonrakiler",
  aboveOf: (above, all) => `${number(all)} kayıttan ${number(above)} tanesi üstünde`,
  meanSince: "sınıra oranlarının ortalaması",
  unconverged: "artığı izin verilenden büyük kayıtlar",
  pathFile: "her anlık kayıttaki en büyük özdeğer",

  settings: "Eğriliğin ayarları",
  setting: "ayar",
  part: "Hesse matrisinin kısmı",
  batches: "yığınlar",
  all: "hepsi",
  batchSize: "yığın büyüklüğü",
  vectors: "her uçtaki özvektörler",
  tolerance: "artığın özdeğere oranı, en çok",
  seed: "rastgele vektörlerin tohumu",
  probes: "iz ve yoğunluk için rastgele vektörler",
  method: "yöntem",
  run: "eğitim",
  dataset: "veri kümesi",
};
