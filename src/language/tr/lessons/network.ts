import type { Texts } from "../../texts.js";
import type { network as english } from "../../en/lessons/network.js";

export const network: Pick<Texts["course"]["lessons"], keyof typeof english> = {
  "two-layer-sigmoid-data": {
    title: "İki katmanlı sigmoit verisi",
    question: "Hiçbir doğrunun uymadığı bir veri nasıl görünür?",
    method:
      "Öznitelikler, ağırlıkları rastgele iki sigmoit katmanından geçirilir, ikisine de standart sapması ν olan gürültü eklenir ve her katman bütün satırlardaki en büyük değerine bölünür.",
    look: "Hedefler dar bir aralığa sıkışmıştır ve en büyüğü 1’dir. Doğrusal bir model onları ancak bir ölçüde izleyebilir; bir sinir ağı daha iyisini yapabilir. İki en büyük değer bütün veri kümesine aittir; bu yüzden vadi onları ayrı geçişlerde bulur.",
    numbers: {
      first: "birinci katmanın en büyük değeri",
      second: "ikinci katmanın en büyük değeri",
      mean: "y’nin ortalaması",
      variance: "y’nin varyansı",
    },
    tries: [
      "Gürültü yok: geriye fonksiyonun kendisi kalır.",
      "Başka bir tohum, en büyük değerleri farklı başka bir fonksiyondur; ikincisi negatifse vadi uyarır.",
    ],
  },
  mlp: {
    title: "İki katmanlı sigmoit verisiyle eğitim",
    question: "Bir sinir ağı, bir doğrunun öğrenemediğini nasıl öğrenir?",
    method:
      "ReLU birimli iki gizli katmanı olan bir ağ SGD ile eğitilir. Kayıp artık karesel değildir ve en iyi ağırlıkları veren bir formül yoktur: geriye yalnızca adımlar kalır.",
    look: "Kayıp önce hızlı, sonra yavaş azalır; doğrusal modelin düz çizgisi burada yoktur. Onu y’nin varyansıyla, yani hep ortalamayı tahmin etmenin kaybıyla karşılaştırın: ağ, ancak bunun altına inince öznitelikler hakkında bir şey öğrenmiştir.",
    numbers: {
      epochs: "epok",
      loss: "son kayıp",
      variance: "y’nin varyansı: ortalamanın kaybı",
    },
    tries: [
      "Yüz kat büyük bir öğrenme oranı: aynı sayıda adımla çok daha ileri.",
      "Adam, adımın uzunluğunu her ağırlık için ayrı seçer.",
      "İki katman yerine tek, geniş bir gizli katman.",
    ],
  },
  "mlp-batches-overlaid": {
    title: "Bir ağın tek tek yığınlardaki kaybı, üst üste",
    question: "Bir sinir ağının vadisi uzaktan nasıl görünür?",
    method:
      "Eğitilmiş ağırlıklardan geçen, her katmanda rastgele bir doğrultu boyunca iki yana uzağa yürünür; her noktada beş yığının kaybı hesaplanır.",
    look: "Dik bir huni: uzakta kayıp binlerce kat büyüktür, çünkü katmanlar birbirini çarpar. Bu bir parabol değildir. Logaritmik eksen, doğrusal eksenin gizlediği tabanı gösterir.",
    numbers: {
      far: "doğrunun başındaki ortalama kayıp",
      lowestAt: "en küçük ortalama kaybın α değeri",
      lowest: "en küçük ortalama kayıp",
      trained: "eğitimin son kaybı",
    },
    tries: [
      "Kaybın on katına çıktığı ölçeği vadi bulsun: burada taban görünür.",
      "Eğitimin yolu boyunca: ağırlıkların en çok hareket ettiği doğrultu.",
      "Yüz satırlık yığınlar: eğriler birbirinden ayrılır.",
    ],
  },
  "mlp-zoom": {
    title: "Eğitilmiş ağırlıkların yakınında kayıp",
    question: "Vadinin dibine yakından bakınca orası yuvarlak mı?",
    method:
      "Aynı doğrultu, iki yüz kat yakından. Yanındaki geniş görünümde yakın görünümün aralığı işaretlidir.",
    look: "Huninin tabanı gibi görünen yer, yakından bir yokuş olabilir: SGD inerken durmuştur. Yığınların eğrileri arasındaki boşluk artık eğrilerin yüksekliği kadardır: bu uzaklıkta bir adımın nereye varacağını yığınların gürültüsü belirler.",
    numbers: {
      lowestAt: "en küçük ortalama kaybın α değeri",
      lowest: "en küçük ortalama kayıp",
      highest: "doğrudaki en büyük ortalama kayıp",
      trained: "eğitimin son kaybı",
    },
    tries: [
      "On kat daha uzaktan: yokuş bükülmeye başlar.",
      "Gradyan boyunca: buradan en dik iniş.",
      "Önce daha büyük bir öğrenme oranıyla eğitin: yakın görünüm, neredeyse varılmış bir taban gösterir.",
    ],
  },
  "non-convexity": {
    title: "Dışbükeyliği bozan nedir?",
    question: "Bu vadi dışbükey mi? Değilse bundan nasıl emin olabiliriz?",
    method:
      "Dışbükey bir kayıp her doğru boyunca yukarı bükülür. Bu yüzden bir yerinde aşağı bükülen tek bir doğru, aksini kanıtlar. u ve v noktalarının ortasının, ikisinin ortalamasından yüksekte olması yeter. vadi böyle doğrular arar ve bulduğunun yuvarlama hatasını sınırlar.",
    look: "Aynı tahminleri yapan iki ağ arasında kayıp yükseliyorsa bu bir engeldir; dışbükey bir kayıpta engel olamaz. Hesse matrisinin negatif bir özdeğeri, zeminin aşağı büküldüğü bir doğrultudur. Doğrusal modelde ikisi de yoktur.",
    numbers: {
      least: "Hesse matrisinin en küçük özdeğeri",
      largest: "en büyük özdeğer",
      barrier: "engelin yüksekliği",
    },
    tries: [
      "Daha az epok: negatif eğrilik, başlangıca daha yakın bir yerde bulunur.",
      "Veride gürültü yok: ağın kaybı yine dışbükey değildir.",
    ],
  },
};
