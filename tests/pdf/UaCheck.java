import java.io.FileInputStream;
import java.util.Map;
import java.util.TreeMap;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/** Checks each file against PDF/UA-1. One line each: PASS or FAIL, the file, and each broken rule once with its count. */
public class UaCheck {
    public static void main(String[] files) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        for (String file : files) {
            try (FileInputStream in = new FileInputStream(file);
                    PDFAParser parser = Foundries.defaultInstance().createParser(in, PDFAFlavour.PDFUA_1);
                    PDFAValidator validator = Foundries.defaultInstance().createValidator(PDFAFlavour.PDFUA_1, 100000, false, false, false)) {
                ValidationResult result = validator.validate(parser);
                Map<String, Integer> broken = new TreeMap<>();
                for (TestAssertion it : result.getTestAssertions()) {
                    if (it.getStatus() == TestAssertion.Status.FAILED) {
                        broken.merge(it.getRuleId().getClause() + "-" + it.getRuleId().getTestNumber() + " " + it.getMessage(), 1, Integer::sum);
                    }
                }
                System.out.println((result.isCompliant() ? "PASS " : "FAIL ") + file + " " + broken);
            }
        }
    }
}
