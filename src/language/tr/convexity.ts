import type { Texts } from "../texts.js";
import { number, percent } from "./words.js";

export const convexity: Texts["convexity"] = {
  describe:
    "Doğrusal modelin kaybı dışbükeydir. Ağın kaybı rastgele bir doğrultuda dışbükey görünür ama değildir: aşağı büküldüğü doğrultu bulunup kanıtlanır, kırılmaları sayılır, kayıpları eşit noktalar arasındaki ve iki eğitim arasındaki engeller ölçülür, en büyük özdeğer bir eğitim boyunca izlenir.",
  parts: {
    random: "Rastgele bir doğrultu",
    worst: "Dışbükey olmayan doğrultu",
    kinks: "Kırılmalar",
    symmetric: "Kayıpları eşit iki nokta",
    minima: "İki eğitim",
    edge: "En büyük özdeğer",
    linear: "Doğrusal model",
  },

  looksConvex: "Kayıp rastgele bir doğrultuda dışbükey görünür",
  looksConvexWith: (rows, share, falling) =>
    `Kayıp rastgele bir doğrultuda dışbükey görünür: ${number(rows)} satırın kaybı, kırılmaları arasında doğrunun ${percent(share)} kadarında yukarı bükülür (eğimi ${number(falling)} kırılmada düşer)`,
  spectrumTitle: (share, count, parameters) =>
    `Çünkü negatif eğriliği bütünün ${percent(share)} kadarıdır: ${number(parameters)} özdeğerden yaklaşık ${number(count)} tanesi negatif ve küçüktür`,
  spectrumName: "Hesse matrisinin spektrumu",
  spectrumText: (expected, deviation) =>
    `Kayıp bir birim v vektörü boyunca vᵀHv kadar bükülür. Bunun bütün doğrultular üzerindeki ortalaması, Hesse matrisinin izinin parametre sayısına bölümüdür: ${expected}; doğrultular üzerindeki standart sapması yaklaşık ${number(deviation, 3)} olur. Yoğunluk, stokastik Lanczos karelemesiyle kestirilir; bant, rastgele vektörler arasındaki yayılımıdır. Hesse matrisi, negatif özdeğeri olmayan Gauss–Newton kısmı (2/n) Σ ∇f∇fᵀ ile (2/n) Σ (f − y)∇²f kısmının toplamıdır: bütün negatif eğrilik artıklardan gelir.`,
  spectrumTable: "Spektrum ve rastgele doğrultular",
  densityRows: "yoğunluğun satırları",
  expected: "rastgele bir birim vektör boyunca beklenen eğrilik",
  deviation: "doğrultular üzerindeki standart sapması, yaklaşık",
  negativeShare: "bütün büyüklüklerin toplamındaki payları",
  partsTable: "Hesse matrisinin iki kısmı",
  part: "kısım",
  rows: "satır",
  leastWithResidual: "en küçük özdeğer ± artık",
  largestWithResidual: "en büyük ± artık",
  hessian: "Hesse matrisi",
  gaussNewton: "Gauss–Newton",
  residuals: "artıklar",
  noneNegative: "hiçbiri negatif değil",

  worstTitle: (eigenvalue, rows, claim) =>
    `λ = ${eigenvalue} özdeğerinin özvektörü boyunca, ${number(rows)} satır. ${claim}`,
  certificateOf: (rows) => `${number(rows)} satırın kanıtı`,
  curvatureTitle: "En küçük eğriliğin doğrultusu",
  curvatureText: (rows, products, hasConverged) =>
    `Dışbükey bir kaybın Hesse matrisinin negatif özdeğeri yoktur. Ağın ağırlıklarındaki en küçük özdeğer, Hesse matrisiyle ${number(rows)} satırın tümü üzerinden float64 olarak hesaplanan çarpımlara uygulanan Lanczos yinelemesiyle bulunur. Yineleme ${number(products)} çarpımda ${hasConverged ? "yakınsadı" : "yakınsamadı; daha küçük bir özdeğer olabilir"}.`,
  reluText:
    "ReLU’nun, bir birimin bir satır için açılıp kapandığı yerde bir kırılması vardır. Kayıp kırılmalar arasında pürüzsüzdür ve bu, ağırlıkların bulunduğu bölgenin Hesse matrisidir; aşağıdaki kayıplar kırılmaların ötesinde de karşılaştırılır.",
  eigenvalueSays: {
    negative: "Artığından daha büyük bir negatif özdeğeri var: kayıp dışbükey değil.",
    positive: "Negatif özdeğer bulunmadı.",
    unknown: "Bulunan özdeğer 0’dan ayırt edilemiyor: artığı daha büyük.",
  },
  lossesSay: {
    same: "Ölçeklenmiş özvektörün iki ucundaki ve ortasındaki kayıplar, aynı şeyi hiç türev almadan gösterir.",
    notConvex:
      "Ölçeklenmiş özvektörün iki ucundaki ve ortasındaki kayıplar, kaybın dışbükey olmadığını gösterir: orta nokta, uçların kirişinin üstündedir.",
    noSignOfIt:
      "Ölçeklenmiş özvektörün iki ucundaki ve ortasındaki kayıplar, bunun yuvarlamadan büyük bir belirtisini göstermez.",
    noSign:
      "Ölçeklenmiş özvektörün iki ucundaki ve ortasındaki kayıplar, dışbükeyliğe aykırı, yuvarlamadan büyük bir belirti göstermez.",
  },
  hessianTable: "Ağın ağırlıklarındaki Hesse matrisi",
  linearHessianTable: "Karşılaştırma için doğrusal modelin Hesse matrisi",
  leastEigenvalue: "Hesse matrisinin en küçük özdeğeri λ",
  residual: "‖Hv − λv‖: λ’nın bu kadar yakınında bir özdeğer vardır",
  largestEigenvalue: "en büyük özdeğer",
  products: "Hesse–vektör çarpımı",
  converged: "yakınsadı mı",
  yes: "evet",
  no: "hayır",
  eigenvalueVerdict: "λ’ya göre sonuç",
  verdicts: {
    negative: "dışbükey değil",
    positive: "dışbükeyliğe aykırı belirti yok",
    unknown: "0’dan ayırt edilemiyor",
  },
  threePoints: "üç noktanın α değerleri",
  theirLosses: (units) => `kayıpları (${units})`,
  excess: "orta noktanın, ötekilerin kirişinden yüksekliği",
  rounding: "yuvarlama, en çok",
  lossesVerdict: "kayıplara göre sonuç",

  kinksTitle: (radius, switches, fromKinks, quotient) =>
    `Ağırlıkların ${number(radius)} yakınında ${number(switches)} (satır, birim) çifti açılıp kapanır; kırılmaları, ${number(quotient, 2)} olan ikinci farka ${number(fromKinks, 2)} ekler`,
  kinksPlainTitle: "Kırılmalar: bir birim bir satır için açılıp kapanınca eğim sıçrar",
  kinksText:
    "Bir birimin bir satır için açılıp kapandığı yerde, satırın kare hatasının eğimi sıçrar. Bu kırılmaları hiçbir Hesse matrisi görmez: o, ağırlıkların içinde bulunduğu pürüzsüz parçanınkidir. İkinci fark (L(−r) − 2L(0) + L(r))/r² ikisini de görür. Kanıt, ortalamanın eğiminin düştüğü her kırılmayı satırı ve birimiyle sıralar.",
  slopeTitle: (rows) =>
    `${number(rows)} satırın ortalama kaybının eğimi, en kötü doğrultu boyunca nasıl değişiyor`,
  slopeCaption:
    "Kırılmaların payına bakın: düştüğü yerde tek tek satırlar eğimi aşağı, yükseldiği yerde yukarı çevirir.",
  slopeX: "α, en küçük özdeğerin özvektörü boyunca",
  slopeY: "doğrunun başından beri eğimdeki değişim",
  change: "değişim",
  allOfIt: "tümü",
  bySecond: "ikinci türevden",
  byKinks: "kırılmalardan",
  kinksFile: "eğimin düştüğü bütün kırılmalar",
  profileFile: "kayıp ve türevleri",

  symmetricTitle: (excess) =>
    `Aynı tahminleri yapan iki ağın kayıpları eşittir; aralarında kayıp ${excess} daha yüksektir`,
  permutationTitle: (isConvex) =>
    isConvex
      ? "Kayıpları eşit iki nokta: aralarında engel yok"
      : "Kayıpları eşit iki nokta ve aralarında bir engel",
  permutationText: (hasBias, isConvex) =>
    `Aynı ağ, gizli birimleri ${hasBias ? "gelen ağırlıkları, sapma terimleri ve giden ağırlıklarıyla" : "bütün ağırlıklarıyla"} ters sıraya konduğunda, ağırlık uzayının aynı tahminleri yapan başka bir noktasıdır. Eğitim ikisinden birinde durmuştur; kayıpları eşittir, minimum olmaları gerekmez. Doğrunun doğrultusu float32’ye yuvarlandığı için aşağıdaki kayıplar yaklaşık yedi basamak uyuşur. Dışbükey bir kayıp aralarında yükselemezdi${isConvex ? ". Kesitin en yüksek noktasında kayıp, float64 olarak, onlarınkinin yuvarlamadan daha fazla üstünde değil." : "; float64 olarak, yuvarlamadan daha fazla yükseliyor."}`,
  toReversed: "Birimleri ters sırada olan aynı ağa doğru",
  toZero: "Sıfıra doğru: bütün ağırlıklar birlikte küçülür",
  depthTitle: (isConvex) => (isConvex ? "Sıfıra giden bir doğru" : "Aşağı bükülen bir doğru"),
  depthText: (hasBias, nearZero, isConvex) =>
    `Ağın ağırlıklarından sıfıra giden doğruda ${hasBias ? "bütün ağırlıklar ve sapma terimleri" : "bütün ağırlıklar"} t = 1 − α ile çarpılır. Sonunda, t = 0’da, bütün tahminler 0’dır ve kayıp y²’nin ortalamasıdır. ${nearZero} ${isConvex ? "Kesitin, ortası en çok öne çıkan eşit aralıklı üç noktası dışbükeyliğe aykırı bir belirti göstermez." : "Eşit aralıklı üç nokta kaybın dışbükey olmadığını kanıtlar: ortadaki, ötekilerin kirişinin üstündedir."}`,
  nearZero: {
    bias: "Sapma terimleri varken tahminler, ağınkilerin t’nin bir kuvvetiyle çarpımı değildir: nasıl büküldüğünü yalnızca kaybın değerleri gösterir.",
    linear: (layers, power) =>
      `${number(layers)} katmanın f tahminleri t${power} ile çarpılır. Kayıp t = 0 yakınında y² − 2t${power}fy ortalaması olarak başlar; fy’nin ortalaması pozitifse bu aşağı bükülür.`,
    tanh: (layers, power) =>
      `tanh 0 yakınında özdeşliktir. Bu yüzden ${number(layers)} katmanın tahminleri t = 0 yakınında t${power}g olur; g, aynı ağırlıkların tanh’sız tahminleridir. Kayıp orada y² − 2t${power}gy ortalaması olarak başlar; gy’nin ortalaması pozitifse bu aşağı bükülür.`,
    sigmoid:
      "Sigmoid birimleri t = 0 yakınında yaklaşık ½ verir. Bu yüzden tahminler, bütün satırlar için aynı olan bir t katıyla başlar: nasıl büküldüğünü yalnızca kaybın değerleri gösterir.",
  },
  lossAtZero: "y²’nin ortalaması: sıfırdaki kayıp, α = 1",

  minimaTitle: (isConvex) =>
    isConvex
      ? "Farklı ağırlıklardan başlayan iki eğitim: aralarında engel yok"
      : "Farklı ağırlıklardan başlayan iki eğitim ve aralarında bir engel",
  minimaText:
    "Aynı ağ, aynı satırlarla başka başlangıç ağırlıklarından eğitilince başka bir yerde biter. İkisinin arasındaki doğruda, aşağıdaki orta nokta kesitin en yüksek noktasıdır. Uçların kirişinin yuvarlamadan daha fazla üstündeyse kayıp dışbükey değildir.",
  betweenName: "İki eğitim arasında",
  initialName: "Başlangıç ağırlıklarından",
  initialFalls: (from, to) =>
    `Başlangıç ağırlıklarından eğitilmiş olanlara giderken kayıp hep düşer, ${number(from, 2)} değerinden ${number(to, 2)} değerine: bu doğru, dışbükey olmayanı göstermez`,
  edgeLossCaption:
    "Kayıp her adımda düşüyor mu? En büyük özdeğer kesikli çizgiye ulaştıktan sonra da düşüyor mu?",
  linearTitle: "Karşılaştırma için doğrusal model",
  betweenRandom: "Rastgele iki nokta arasında",
  linearText:
    "Rastgele iki nokta arasındaki bir doğruda aynı arama. Doğrusal modelin kaybı, parametrelerine göre doğrusal olan işlevlerin karelerinin ortalamasıdır ve bu yüzden dışbükeydir.",
};
